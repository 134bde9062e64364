"""«Журнал»: one's own calls of any day; a supervisor sees the calls of all."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import event

from schemas.call import CallKind, CallStage, DialOutcome, ServingRole
from schemas.staff import Role
from tests.calls import Calls, reason
from tests.doors import Doors
from tests.ui.screen import rows, words


async def journal(doors: Doors, calls: Calls, login: str = "olga", query: str = "") -> Response:
    await calls.session.commit()
    client = await doors.browser(getattr(calls.people, login), Role.SUPERVISOR if login == "vera" else None)
    answer = await client.get(f"/journal{query}")
    assert answer.status_code == 200
    return answer


async def test_an_operator_sees_his_own_calls_of_any_day(doors: Doors, calls: Calls) -> None:
    await calls.served()
    calls.at -= timedelta(days=40)
    await calls.served(postponed=True)
    await calls.served("pyotr")
    answer = await journal(doors, calls)
    assert rows(answer) == 2
    assert "Мои звонки" in words(answer)
    assert "Результат" not in words(answer)


async def test_a_supervisor_sees_whose_calls_they_are(doors: Doors, calls: Calls) -> None:
    await calls.served()
    await calls.served("pyotr")
    await calls.missed()
    answer = await journal(doors, calls, "vera")
    seen = words(answer)
    assert rows(answer) == 3
    for said in ("Звонки всех сотрудников", "Ольга Викторовна Котова Горячая линия Завершён", "Не дождался ответа"):
        assert said in seen


@pytest.mark.parametrize(("login", "table"), [("vera", "[data-all] table"), ("olga", ":not([data-all]) table")])
async def test_every_column_has_its_place_where_a_call_is_two_lines(
    doors: Doors, calls: Calls, login: str, table: str
) -> None:
    await calls.served(postponed=True)
    head, _, body = (await journal(doors, calls, login)).text.partition("<tbody")
    columns, cells = (re.findall(r'data-column="(\w+)"', part) for part in (head, body))
    style = Path("ui/frontend/styles/journal.css").read_text()
    areas = re.findall(r"--areas: (.+);", style.partition(table)[2])[0]
    assert columns == cells
    assert set(columns) == set(re.findall(r"\w+", areas)) <= set(re.findall(r"grid-area: (\w+)", style))


async def test_a_call_that_was_handed_over_names_both_operators(doors: Doors, calls: Calls) -> None:
    call = await calls.served()
    await calls.serving(call, "pyotr", call.talk_ended_at, role=ServingRole.TRANSFER)
    answer = await journal(doors, calls, "vera", f"?employee={calls.people.pyotr.id}")
    assert rows(answer) == 1
    assert f"{calls.people.olga.full_name}, {calls.people.pyotr.full_name}" in words(answer)


async def test_results_are_told_in_words_and_found_by_them(doors: Doors, calls: Calls) -> None:
    await calls.call(CallStage.CALLBACK, ended_at=calls.at)
    await calls.call(CallStage.VOICEMAIL, ended_at=calls.at)
    fields = {"kind": CallKind.OUTBOUND, "outcome": DialOutcome.NO_ANSWER}
    await calls.call(CallStage.FINISHED, ended_at=calls.at, **fields)
    for result, said in (
        ("callback", "Просит перезвонить"),
        ("voicemail", "Голосовая почта"),
        ("no_answer", "Не ответил"),
    ):
        answer = await journal(doors, calls, "vera", f"?result={result}")
        assert rows(answer) == 1
        assert said in answer.text.partition("<tbody")[2]


async def test_an_operator_cannot_ask_for_the_calls_of_others(doors: Doors, calls: Calls) -> None:
    await calls.served("pyotr")
    answer = await journal(doors, calls, "olga", f"?employee={calls.people.pyotr.id}")
    assert rows(answer) == 0


async def test_a_supervisor_filters_by_employee_queue_result_and_reason(doors: Doors, calls: Calls) -> None:
    served = await calls.served()
    await calls.served("pyotr")
    chosen = await reason(calls.session, "Жалоба", served)
    query = f"?employee={calls.people.olga.id}&queue={calls.people.queue.id}&result=finished&reason={chosen}"
    assert rows(await journal(doors, calls, "vera", query)) == 1


async def test_a_period_takes_in_its_last_day(doors: Doors, calls: Calls) -> None:
    calls.at = calls.at.replace(hour=9) - timedelta(days=10)
    day = calls.at.date()
    await calls.served()
    assert rows(await journal(doors, calls, "olga", f"?since={day}&until={day}")) == 1
    before = day - timedelta(days=1)
    answer = await journal(doors, calls, "olga", f"?until={before}")
    assert rows(answer) == 0
    assert "Ничего не найдено" in words(answer)


async def test_resetting_takes_the_period_off_and_keeps_the_search(doors: Doors, calls: Calls) -> None:
    answer = await journal(doors, calls, "olga", "?q=916&since=2026-01-01&postponed=1")
    assert 'id="journal-reset" href="/journal?q=916"' in answer.text
    assert 'href="/journal?since=2026-01-01&amp;postponed=1"' in answer.text


async def test_pages_are_turned(doors: Doors, calls: Calls) -> None:
    for _ in range(52):
        await calls.served()
    first = await journal(doors, calls)
    assert rows(first) == 50
    assert "journal-next" in first.text
    assert "journal-prev" not in first.text
    address = first.text.split('id="journal-next" href="')[1].split('"')[0]
    second = await journal(doors, calls, "olga", address.removeprefix("/journal"))
    assert rows(second) == 2
    assert "journal-prev" in second.text


async def test_an_empty_journal_says_what_will_be_here(doors: Doors, calls: Calls) -> None:
    assert "Звонков пока нет Здесь появится каждый звонок" in words(await journal(doors, calls))


@pytest.mark.parametrize("query", ["", "?q=916", "?channel=inbound", "?employee={olga}", "?since=2026-01-01"])
async def test_a_page_says_as_much_to_the_database_for_many_calls_as_for_one(
    doors: Doors, calls: Calls, query: str
) -> None:
    said: list[str] = []
    event.listen(doors.app.state.database.engine.sync_engine, "before_cursor_execute", lambda *said_so: said.append(""))
    counts = []
    for more in (1, 60):
        for _ in range(more):
            await calls.served()
        await journal(doors, calls, "vera")
        said.clear()
        await journal(doors, calls, "vera", query.format(olga=calls.people.olga.id))
        counts.append(len(said))
    assert counts[0] == counts[1]
