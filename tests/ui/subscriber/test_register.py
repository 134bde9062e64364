"""«Абоненты»: searched outside of a call, by those who may, masked by role; a card made by hand; the export."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient
from openpyxl import load_workbook

from schemas.call import CallStage
from schemas.staff import Role
from store.job import Job
from store.subscriber import Subscriber
from tests.calls import Calls
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER, People
from tests.ui.screen import words
from worker import documents
from worker.document_means import Means

SNILS = "11223344595"
ZOYA = {"full_name": "Зоя Ким", "type": "person", "snils": "112-233-445 95", "mobile_phone": "8 916 000-00-01"}


@pytest.fixture
async def vera(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.browser(fresh_people.vera, Role.SUPERVISOR)


async def keep(doors: Doors, *cards: Subscriber) -> None:
    async with doors.app.state.database.transaction() as session:
        session.add_all(cards)


def anna(**fields: object) -> Subscriber:
    values = {"full_name": ANNA, "mobile_phone": ANNA_NUMBER, "passport": "45 00 123456", "snils": SNILS}
    return Subscriber(**values | fields)


@pytest.mark.parametrize("typed", ["белов", "8 916 123", "112-233-445 95", "11223344595", "+7916"])
async def test_a_card_is_found_by_name_number_and_snils(doors: Doors, vera: AsyncClient, typed: str) -> None:
    await keep(doors, anna(), Subscriber(full_name="Пётр Первый", mobile_phone="+79990000000"))
    found = words(await vera.get("/subscribers", params={"q": typed}))
    assert (ANNA in found, "Пётр Первый" in found) == (True, False)
    assert "123456" not in found, "no list shows a passport"
    assert ("112-233" in found, "•••-•••-445 95" in found) == (False, True)


async def test_pages_follow_each_other_there_and_back(doors: Doors, vera: AsyncClient) -> None:
    await keep(doors, *(Subscriber(full_name=f"Ёлкин {nth:03}") for nth in range(120)))
    first = (await vera.get("/api/v1/subscribers")).json()
    second = (await vera.get("/api/v1/subscribers", params={"after": first["next_after"]})).json()
    names = [one["full_name"] for page in (first, second) for one in page["items"]]
    assert names == [f"Ёлкин {nth:03}" for nth in range(100)]
    back = await vera.get("/subscribers", params={"before": second["items"][0]["id"]})
    assert ("Ёлкин 000" in back.text, "Ёлкин 050" in back.text, "after=" in back.text) == (True, False, True)


async def test_an_operator_sees_whom_he_served_with_half_a_number(doors: Doors, calls: Calls) -> None:
    mine, other = anna(), Subscriber(full_name="Чужой Абонент", mobile_phone=ANNA_NUMBER)
    calls.session.add_all([mine, other])
    await calls.session.flush()
    await calls.served(subscriber_id=mine.id)
    await calls.call(stage=CallStage.ABANDONED, subscriber_id=other.id)
    await calls.session.commit()
    shown = words(await (await doors.browser(calls.people.olga)).get("/subscribers"))
    assert (ANNA in shown, "Чужой Абонент" in shown, "•••-••-67" in shown) == (True, False, True)
    assert "Добавить абонента" not in shown
    assert ANNA not in words(await (await doors.browser(calls.people.pyotr)).get("/subscribers"))


async def test_a_card_is_made_by_hand_once(vera: AsyncClient) -> None:
    made = await vera.post("/subscribers", data=ZOYA)
    assert made.status_code == 204
    assert "Зоя Ким" in words(await vera.get(made.headers["HX-Redirect"]))
    again = await vera.post("/subscribers", data=ZOYA)
    assert (again.status_code, "уже есть" in again.text) == (409, True)
    wrong = await vera.post("/subscribers", data=ZOYA | {"snils": "112-233-445 96"})
    assert (wrong.status_code, "snils-error" in wrong.text) == (422, True)


async def made(doors: Doors, client: AsyncClient, page: str) -> Path:
    """Make the newest document that a page speaks of; return the file."""
    state = doors.app.state
    folder: Path = state.settings.storage.path / "documents"
    job_id = re.findall(r"/jobs/([0-9a-f-]{36})", (await client.get(page)).text)[0]
    zone = ZoneInfo("Europe/Moscow")
    await documents.make(Means(state.database, state.valkey, folder, zone, state.objects, timedelta(days=1)), job_id)
    async with state.database.transaction() as session:
        return folder / str((await session.get_one(Job, UUID(job_id))).file_path)


async def test_the_export_has_what_the_list_has(doors: Doors, vera: AsyncClient) -> None:
    await keep(doors, anna(full_name="=1+1 Белова"), Subscriber(full_name="Пётр Первый"))
    ordered = await vera.post("/subscribers/export", params={"q": "белова"}, data={"key": "key-of-a-form"})
    assert ordered.status_code == 202
    sheet = load_workbook(BytesIO((await made(doors, vera, "/subscribers/export")).read_bytes())).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[0] for row in rows] == ["=1+1 Белова"]
    assert rows[0][3:6] == ["•••-•••-445 95", None, "+7 (916) 123-45-67"]
