"""What other systems send: once, twice, at once, in batches."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from schemas.integration import Scope
from tests.doors import Doors
from tests.people import ANNA_NUMBER, People

URL = "/api/v1/integration/applications"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def application(minute: int = 0, **changes: Any) -> dict[str, Any]:
    """An application of Анна as it was that many minutes after nine."""
    record = {
        "phone": ANNA_NUMBER,
        "number": "MFC-2026/15",
        "service": "Замена паспорта",
        "status": "Принято",
        "submitted_at": AT.isoformat(),
        "updated_at": (AT + timedelta(minutes=minute)).isoformat(),
    }
    return record | changes


TWICE = [{"external_id": "А-1", **application()}, {"external_id": "А-1", **application(status="Иначе")}]


@pytest.fixture
async def mfc(doors: Doors, fresh_people: People) -> AsyncClient:
    """The MFC's own system."""
    return await doors.integration(fresh_people.admin, Scope.APPLICATIONS_WRITE)


async def put(mfc: AsyncClient, record: dict[str, Any]) -> tuple[int, str]:
    answer = await mfc.put(f"{URL}/mfc/15", json=record)
    return answer.status_code, answer.json().get("result", answer.json().get("detail"))


async def stored(doors: Doors, statement: str = "SELECT status FROM application") -> list[Any]:
    async with doors.app.state.database.engine.connect() as connection:
        return list((await connection.exec_driver_sql(statement)).scalars())


async def test_a_record_is_put_once_however_often_it_comes(mfc: AsyncClient, doors: Doors) -> None:
    assert await put(mfc, application()) == (201, "created")
    assert await put(mfc, application()) == (200, "unchanged")
    assert await put(mfc, application(9, status="Готово", is_finished=True)) == (200, "updated")
    assert await put(mfc, application(5, status="В работе")) == (200, "unchanged")
    assert await stored(doors) == ["Готово"]
    assert await stored(doors, "SELECT count(*) FROM audit WHERE thing = 'application'") == [2]


async def test_twenty_at_once_are_one_and_the_newest_stands(mfc: AsyncClient, doors: Doors) -> None:
    records = [application(minute, status=f"Шаг {minute}") for minute in range(20)]
    answers = await asyncio.gather(*(put(mfc, record) for record in reversed(records)))
    assert [result for _, result in answers].count("created") == 1
    assert await stored(doors) == ["Шаг 19"]


async def test_a_batch_writes_what_is_right_and_says_what_is_wrong(mfc: AsyncClient, doors: Doors) -> None:
    await put(mfc, application())
    good = [{"external_id": str(number), **application(1)} for number in range(15, 915)]
    rows = [*good, *TWICE, {"external_id": "b", **application(snils="112-233-445 95")}, "строка", {"external_id": "c"}]
    report = (await mfc.post(f"{URL}/batch", json={"source": "mfc", "rows": rows})).json()
    assert [report[word] for word in ("created", "updated", "unchanged", "refused")] == [899, 1, 0, 5]
    assert [row["index"] for row in report["rows"]] == list(range(905))
    said = [(row["external_id"], row["errors"][0]["message"]) for row in report["rows"][900:904]]
    assert ["строки 900, 901" in message for _, message in said] == [True, True, False, False]
    assert said[2:] == [
        ("b", "Назовите абонента одним способом: СНИЛС, ИНН или телефон."),
        (None, "Передайте объект JSON."),
    ]
    assert len(await stored(doors)) == 900


async def test_two_batches_at_once_do_not_lock_each_other_out(mfc: AsyncClient, doors: Doors) -> None:
    rows = [{"external_id": str(number), **application()} for number in range(300)]
    later = [{**row, **application(1, status="Готово")} for row in reversed(rows)]
    sent = [mfc.post(f"{URL}/batch", json={"source": "mfc", "rows": each}) for each in (rows, later) * 3]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
    assert await stored(doors) == ["Готово"] * 300


async def test_too_large_a_batch_is_refused_whole(mfc: AsyncClient, doors: Doors) -> None:
    rows = [{"external_id": str(number), **application()} for number in range(1001)]
    answer = await mfc.post(f"{URL}/batch", json={"source": "mfc", "rows": rows})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["detail"] == "В пакете больше строк, чем 1000: разделите его."
    assert await stored(doors) == []


async def test_a_batch_may_be_larger_than_all_else_and_not_endless(mfc: AsyncClient, doors: Doors) -> None:
    def batch(rows: int) -> bytes:
        wordy = application(details={"Что подано": "я" * 4000})
        sent = [{"external_id": str(number), **wordy} for number in range(rows)]
        return json.dumps({"source": "mfc", "rows": sent}, ensure_ascii=False).encode()

    passes, too_large = batch(250), batch(1000) + b" " * 2**20
    assert 2**20 < len(passes) < 8 * 2**20 < len(too_large)
    kind = {"content-type": "application/json"}
    sent = [(f"{URL}/batch", passes, 200), (f"{URL}/batch", too_large, 413), (f"{URL}/mfc/batch", passes, 413)]
    for url, body, status in sent:
        verb = mfc.put if "mfc" in url else mfc.post
        assert (await verb(url, content=body, headers=kind)).status_code == status
    assert len(await stored(doors)) == 250


async def test_the_sentences_come_in_the_language_of_the_sender(mfc: AsyncClient) -> None:
    rows = [{"external_id": "1", **application()}] * 2
    answer = await mfc.post(f"{URL}/batch", json={"source": "m", "rows": rows}, headers={"accept-language": "en"})
    assert "(rows 0, 1)" in answer.json()["rows"][0]["errors"][0]["message"]


async def test_what_is_misspelt_is_refused_field_by_field(mfc: AsyncClient) -> None:
    answer = await mfc.put(f"{URL}/mfc/1", json=application(phone="12", number=""))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/phone", "/number"}


async def test_a_removed_record_stays_away_until_there_are_newer_news(mfc: AsyncClient, doors: Doors) -> None:
    async def remove(minute: int) -> int:
        at = (AT + timedelta(minutes=minute)).isoformat()
        return (await mfc.delete(f"{URL}/mfc/15", params={"updated_at": at})).status_code

    shown = "SELECT count(*) FROM application WHERE removed_at IS NULL"
    assert await put(mfc, application(5)) == (201, "created")
    assert [await remove(4), *await stored(doors, shown)] == [204, 1]
    assert [await remove(6), await remove(8), await remove(7), *await stored(doors, shown)] == [204, 204, 204, 0]
    assert await put(mfc, application(7, status="Опоздало")) == (200, "unchanged")
    assert await put(mfc, application(9, status="Снова")) == (201, "created")


async def test_a_removal_needs_no_time_and_stands_in_the_audit_once(mfc: AsyncClient, doors: Doors) -> None:
    await put(mfc, application())
    for name in ("never", "15", "15"):
        assert (await mfc.delete(f"{URL}/mfc/{name}")).status_code == 204
    assert await stored(doors, "SELECT removed_at IS NULL FROM application") == [False]
    [told] = await stored(doors, "SELECT details FROM audit WHERE verb = 'remove' AND thing = 'application'")
    assert (told["source"], told["external_id"], len(told["token"])) == ("mfc", "15", 36)


async def test_a_token_of_one_source_leaves_the_others_alone(doors: Doors, fresh_people: People) -> None:
    own = await doors.integration(fresh_people.admin, Scope.APPLICATIONS_WRITE, source="mfc")
    assert (await put(own, application()))[0] == 201
    batch = {"source": "post", "rows": [{"external_id": "1", **application()}]}
    strange = [
        own.put(f"{URL}/post/1", json=application()),
        own.delete(f"{URL}/post/1"),
        own.post(f"{URL}/batch", json=batch),
    ]
    for answer in [await each for each in strange]:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["detail"] == "Токен выдан для источника mfc: записи источника post он не меняет."
    assert await stored(doors, "SELECT source FROM application") == ["mfc"]
    tickets = await own.delete("/api/v1/integration/tickets/mfc/1")
    assert (tickets.status_code, "tickets:write" in tickets.json()["detail"]) == (403, True)


async def test_a_token_ends(doors: Doors, fresh_people: People) -> None:
    client = await doors.integration(fresh_people.admin, Scope.APPLICATIONS_WRITE)
    assert (await put(client, application()))[0] == 201
    assert len(await stored(doors, "SELECT last_used_at FROM integration_token WHERE last_used_at IS NOT NULL")) == 1
    async with doors.app.state.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE integration_token SET expires_at = clock_timestamp()")
    assert await put(client, application()) == (
        401,
        "Нужен токен интеграции: его выдаёт администратор в разделе «Интеграции».",
    )


async def test_a_program_that_asks_too_often_is_told_when_to_come_back(
    mfc: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.integration.PER_MINUTE", 3)
    answers = [await mfc.put(f"{URL}/mfc/15", json=application()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 429]
    assert answers[-1].headers["retry-after"]
