"""Subscribers from a file: added, updated, doubted, refused in words; twice, at once, cancelled, broken files."""

import asyncio
import re
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient, Response
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from schemas.staff import Role
from services import subscriber_file
from store.job import Job
from store.subscriber import Subscriber
from tests.doors import Doors
from tests.people import ANNA, People
from tests.ui.screen import words
from worker import document_import, documents
from worker.document_means import Means

HEAD = "ФИО или название;Тип абонента;Дата рождения;СНИЛС;ИНН;Мобильный телефон"
SNILS = "112-233-445 95"
MIXED = f"""{HEAD}
{ANNA};ФЛ;29.02.1980;{SNILS};;8 (916) 123-45-67
ООО «Ромашка»;ЮЛ;;;7707083893;
Зоя Ким;;01.02.1990;;;8 916 000-00-01
Иван Петров;ФЛ;31.02.1990;112-233-445 96;;12
;ФЛ;;;;8 916 000-00-02
"""


@pytest.fixture
async def vera(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.browser(fresh_people.vera, Role.SUPERVISOR)


@pytest.fixture
def means(doors: Doors) -> Means:
    state = doors.app.state
    folder: Path = state.settings.storage.path / "documents"
    zone = ZoneInfo("Europe/Moscow")
    return Means(state.database, state.valkey, folder, zone, state.objects, timedelta(days=1))


def xlsx(*rows: list[object]) -> bytes:
    book, made = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(made)
    return made.getvalue()


async def send(client: AsyncClient, content: bytes | str, key: str = "key-of-a-form", name: str = "b.csv") -> Response:
    body = content.encode() if isinstance(content, str) else content
    return await client.post("/subscribers/import", files={"file": (name, body)}, data={"key": key})


async def job_of(client: AsyncClient) -> str:
    return re.findall(r"/jobs/([0-9a-f-]{36})", (await client.get("/subscribers/import/progress")).text)[0]


async def take_in(means: Means, client: AsyncClient, content: bytes | str, key: str = "key-of-a-form") -> list[str]:
    """Send a file and have it taken in; return the report: a line a row."""
    assert (await send(client, content, key)).status_code == 200
    job_id = await job_of(client)
    await documents.make(means, job_id)
    async with means.database.transaction() as session:
        row = await session.get_one(Job, UUID(job_id))
    sheet = load_workbook(BytesIO((means.folder / str(row.file_path)).read_bytes())).worksheets[0]
    return [" | ".join(str(cell or "") for cell in line) for line in sheet.iter_rows(min_row=2, values_only=True)]


async def names(means: Means) -> list[str]:
    async with means.database.transaction() as session:
        return list((await session.execute(text("SELECT full_name FROM subscriber ORDER BY 1"))).scalars())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
async def test_each_row_is_taken_in_or_told_why_not(means: Means, vera: AsyncClient, encoding: str) -> None:
    report = await take_in(means, vera, MIXED.encode(encoding))
    assert [line.split(" | ")[1].split(":")[0] for line in report] == ["Добавлен"] * 3 + ["Ошибка"] * 2
    assert report[3].startswith("5 | ")
    for said in ("Дата рождения: Введите дату", "СНИЛС: Проверьте СНИЛС", "Мобильный телефон: Введите номер"):
        assert said in report[3]
    assert "Укажите ФИО" in report[4] or "Заполните это поле" in report[4]
    assert len(await names(means)) == 3
    shown = words(await vera.get("/subscribers/import/progress"))
    assert all(count in shown for count in ("Добавлено: 3", "Ошибок: 2", "Скачать отчёт"))


async def test_the_same_file_twice_and_at_once_adds_nothing(means: Means, vera: AsyncClient) -> None:
    await take_in(means, vera, MIXED)
    again = await take_in(means, vera, MIXED, "key-of-another")
    assert [line.split(" | ")[1] for line in again][:3] == ["Уже есть, без изменений"] * 3
    other = MIXED.replace("Зоя Ким", "Зоя Цой").replace(SNILS, "087-654-303 00")
    jobs = []
    for nth in range(2):
        await send(vera, other + "\n" * nth, f"key-number-{nth}")
        jobs.append(await job_of(vera))
    await asyncio.gather(*(documents.make(means, job_id) for job_id in jobs))
    assert sorted(await names(means)) == sorted([ANNA, ANNA, "Зоя Ким", "Зоя Цой", "ООО «Ромашка»"])


async def test_a_known_snils_is_updated_and_an_empty_cell_erases_nothing(means: Means, vera: AsyncClient) -> None:
    async with means.database.transaction() as session:
        session.add(Subscriber(full_name="Анна Белова", snils="11223344595", email="anna@mail.ru"))
    report = await take_in(means, vera, f"ФИО;СНИЛС;E-mail\n{ANNA};{SNILS};\n")
    assert "Обновлён" in report[0]
    async with means.database.transaction() as session:
        card = (await session.execute(text("SELECT full_name, email, version FROM subscriber"))).one()
        assert tuple(card) == (ANNA, "anna@mail.ru", 2)
        acts = "SELECT act FROM subscriber_change WHERE changes ? 'full_name'"
        assert (await session.execute(text(acts))).scalars().all() == ["imported"]


async def test_a_namesake_is_doubted_and_nothing_is_guessed(means: Means, vera: AsyncClient) -> None:
    await take_in(means, vera, f"ФИО;Дата рождения;Мобильный телефон\n{ANNA};29.02.1980;8 916 123-45-67\n")
    doubted = f"ФИО;Дата рождения;СНИЛС\n{ANNA.upper()};29.02.1980;{SNILS}\n{ANNA};;\n"
    report = await take_in(means, vera, doubted, "key-of-another")
    assert ["Сомнение" in line and ANNA in line for line in report] == [True, False]
    assert await names(means) == [ANNA]


async def test_an_xlsx_gives_dates_and_lost_zeros_back(means: Means, vera: AsyncClient) -> None:
    head = ["ФИО или название", "Дата рождения", "СНИЛС", "Мобильный телефон", None]
    await take_in(means, vera, xlsx(head, ["Анна", date(1980, 2, 29), 8765430300, 89161234567], [], ["Зоя"]))
    async with means.database.transaction() as session:
        asked = "SELECT full_name, birth_date, snils, mobile_phone FROM subscriber ORDER BY 1"
        first = (await session.execute(text(asked))).first()
    assert first == ("Анна", date(1980, 2, 29), "08765430300", "+79161234567")


BAD = {
    "": "Выберите файл",
    "\x00\x01\x02": "не похож ни на XLSX",
    "PK\x03\x04 and nothing behind it": "повреждён",
    "ФИО;Любимый цвет\nАнна;синий": "«Любимый цвет» не знаком",
    "ФИО;СНИЛС;Снилс\nАнна;;": "встречается дважды",
    "Телефон;СНИЛС\n1;2": "не знаком",
    "СНИЛС\n1": "нет столбца",
    HEAD + "\n;;;;;\n": "ни одной заполненной строки",
    'ФИО\n"Анна': "повреждён",
}


@pytest.mark.parametrize("content", BAD)
async def test_a_bad_file_is_refused_in_words(vera: AsyncClient, content: str) -> None:
    refused = await send(vera, content)
    assert (refused.status_code, BAD[content] in words(refused)) == (422, True), words(refused)


async def test_too_much_is_refused(means: Means, vera: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_file, "MOST_ROWS", 3)
    await send(vera, "ФИО\n" + "Анна\n" * 5)
    await documents.make(means, await job_of(vera))
    assert "больше строк, чем загружается за раз (3)" in words(await vera.get("/subscribers/import/progress"))
    assert await names(means) == []
    monkeypatch.setattr(subscriber_file, "LARGEST_UNPACKED", 10)
    assert "слишком велика" in words(await send(vera, xlsx(["ФИО"], ["Анна"])))
    assert (await send(vera, b"0" * (8 * 2**20 + 1))).status_code == 422
    assert (await send(vera, b"0" * (10 * 2**20))).status_code == 413


async def test_the_template_can_be_sent_back(means: Means, vera: AsyncClient) -> None:
    template = await vera.get("/subscribers/import/template")
    book, made = load_workbook(BytesIO(template.content)), BytesIO()
    book.worksheets[0].append(["ФЛ", "Зоя Ким"])
    book.save(made)
    assert "Добавлен" in (await take_in(means, vera, made.getvalue()))[0]


async def test_the_file_is_removed_when_it_was_read_or_cancelled(means: Means, vera: AsyncClient) -> None:
    await take_in(means, vera, MIXED)
    kept = means.objects.get(f"imports/{await job_of(vera)}")
    with pytest.raises(FileNotFoundError):
        await kept
    await send(vera, MIXED + "\n", "key-of-another")
    job_id = await job_of(vera)
    await means.objects.get(f"imports/{job_id}")
    assert "Загрузка отменена" in words(await vera.delete(f"/jobs/{job_id}"))
    await document_import.clean(means)
    with pytest.raises(FileNotFoundError):
        await means.objects.get(f"imports/{job_id}")


async def test_a_run_that_lost_its_job_writes_nothing_more(
    means: Means, vera: AsyncClient, fresh_people: People
) -> None:
    await send(vera, MIXED)
    lost = Job(id=UUID(await job_of(vera)), kind="import", employee_id=fresh_people.vera.id)
    lost.file_path = "another run has it"
    with pytest.raises(ConnectionError):
        await document_import.take_chunk(means, lost, subscriber_file.read(MIXED.encode()), Counter())
    assert await names(means) == []


async def test_an_import_as_json_and_strangers(doors: Doors, fresh_people: People) -> None:
    body = {"files": {"file": ("b.csv", MIXED.encode())}, "headers": {"Idempotency-Key": "key-of-a-program"}}
    vera = await doors.program(fresh_people.vera, Role.SUPERVISOR)
    ordered = [await vera.post("/api/v1/subscribers/import", **body) for _ in range(2)]  # type: ignore[arg-type]
    assert [one.json()["id"] for one in ordered] == [ordered[0].json()["id"]] * 2
    olga = await doors.program(fresh_people.olga)
    assert (await olga.post("/api/v1/subscribers/import", **body)).status_code == 403  # type: ignore[arg-type]
