"""«Метки номеров»: set, changed, lifted, refused in words; what the card and the telephone say of a number."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from schemas.call import CallStage, StartCall
from schemas.number_mark import MarkKind
from schemas.staff import Role
from store import call_stage, line_talk, number_mark
from store.number_mark import NumberMark
from tests.calls import Calls
from tests.doors import Doors
from tests.people import ANNA_NUMBER, HOTLINE, People
from tests.ui.screen import words

TYPED = {"number": "8 (916) 123-45-67", "kind": "nuisance", "reason": "Ругается", "term": "week"}


@pytest.fixture
async def vera(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.browser(fresh_people.vera, Role.SUPERVISOR)


async def mark(client: AsyncClient, key: str = "key-of-a-form", **typed: str) -> Response:
    return await client.post("/number-marks", data=TYPED | {"key": key} | typed)


def mark_id(page: Response) -> str:
    found = re.search(r'id="mark-([0-9a-f-]{36})"', page.text)
    assert found
    return found[1]


async def marked(client: AsyncClient, **typed: str) -> str:
    assert (await mark(client, **typed)).status_code == 204
    return mark_id(await client.get("/number-marks"))


async def talking(calls: Calls) -> str:
    values = {"talk_ended_at": None, "ended_at": None}
    call = await calls.call(stage=CallStage.TALKING, employee="olga", **values)  # type: ignore[arg-type]
    await calls.serving(call, "olga", call.answered_at)
    await calls.session.commit()
    return f"/calls/{call.id}"


async def test_a_mark_is_set_found_and_kept_in_the_history(vera: AsyncClient) -> None:
    one = await marked(vera)
    shown = words(await vera.get("/number-marks?q=916123"))
    for said in ("+7 (916) 123-45-67", "Нежелательный", "Ругается", "Вера Павловна Лопухова", "Действует"):
        assert said in shown
    assert "Ругается" in words(await vera.get("/number-marks?q=руга&kind=nuisance&state=live"))
    assert "Ругается" not in words(await vera.get("/number-marks?kind=blocked"))
    edited = await vera.put(f"/number-marks/{one}", data=TYPED | {"key": "key-2", "kind": "blocked", "term": "endless"})
    assert edited.status_code == 204
    history = words(await vera.get(f"/number-marks/{one}/history"))
    assert all(word in history for word in ("Заблокирован", "Изменена", "бессрочно")), history


async def test_a_lifted_mark_is_over_and_its_number_may_be_marked_again(vera: AsyncClient) -> None:
    one = await marked(vera)
    for _ in range(2):
        assert (await vera.delete(f"/number-marks/{one}")).status_code == 204
    assert "Снята" in words(await vera.get("/number-marks"))
    refused = await vera.put(f"/number-marks/{one}", data=TYPED | {"key": "key-3"})
    assert refused.status_code == 409
    assert "уже снята" in refused.text
    assert (await mark(vera, "key-4")).status_code == 204


async def test_one_number_has_one_mark_even_when_two_set_it_at_once(vera: AsyncClient) -> None:
    answers = await asyncio.gather(*(mark(vera, f"key-number-{n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409]
    again = await mark(vera, f"key-number-{[a.status_code for a in answers].index(204)}")
    assert again.status_code == 204, "the same key is the same mark"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": "12-34"}, "number"),
        ({"reason": "  "}, "reason"),
        ({"term": "endless"}, "term"),
        ({"term": "date", "date": "2020-01-01"}, "term"),
        ({"term": "date", "date": "2999-01-01"}, "term"),
        ({"term": "date", "date": "31.02"}, "term"),
        ({"kind": "friend"}, "kind"),
    ],
)
async def test_a_bad_mark_is_refused_at_its_field(vera: AsyncClient, typed: dict[str, str], field: str) -> None:
    refused = await mark(vera, **typed)
    assert refused.status_code == 422
    assert f'id="mark-{field}-error"' in refused.text or "pult-error" in refused.text
    assert "Отмеченных номеров пока нет" in (await vera.get("/number-marks")).text


async def test_an_operator_marks_the_number_of_his_call(doors: Doors, calls: Calls) -> None:
    url = await talking(calls)
    olga = await doors.browser(calls.people.olga)
    assert "Бессрочно" not in (await olga.get(f"{url}/number-mark")).text
    endless = await olga.post(f"{url}/number-mark", data=TYPED | {"kind": "blocked", "term": "endless"})
    assert (endless.status_code, "может супервизор" in endless.text) == (422, True)
    assert (await olga.post(f"{url}/number-mark", data=TYPED)).status_code == 204
    card = await olga.get(url)
    assert ("Нежелательный номер" in words(card), 'id="mark-number"' in card.text) == (True, False)
    pyotr = await doors.browser(calls.people.pyotr)
    assert (await pyotr.post(f"{url}/number-mark", data=TYPED)).status_code == 404


async def test_the_card_says_which_call_of_the_day_it_is(doors: Doors, calls: Calls) -> None:
    await calls.call(stage=CallStage.ABANDONED, started_at=datetime.now(UTC) - timedelta(hours=25))
    await calls.call(stage=CallStage.ABANDONED, number="+79990000000")
    await calls.missed()
    url = await talking(calls)
    olga = await doors.browser(calls.people.olga)
    assert "повторный звонок: 2-й за 24 часа" in words(await olga.get(url))


async def test_a_mark_as_json(doors: Doors, fresh_people: People) -> None:
    vera = await doors.program(fresh_people.vera, Role.SUPERVISOR)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"number": ANNA_NUMBER, "kind": "blocked", "reason": "Угрозы", "until": until}
    made = await vera.post("/api/v1/number-marks", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert made.status_code == 201
    listed = (await vera.get("/api/v1/number-marks?live=true&kind=blocked")).json()
    assert [one["id"] for one in listed["items"]] == [made.json()["id"]]
    assert (await vera.delete(f"/api/v1/number-marks/{made.json()['id']}")).json()["end"] == "lifted"


async def test_an_expired_mark_holds_no_longer(doors: Doors, vera: AsyncClient) -> None:
    await marked(vera)
    async with doors.app.state.database.transaction() as session:
        await session.execute(
            text("UPDATE number_mark SET set_at = set_at - interval '2 d', until = now() - interval '1 d'")
        )
    assert "Срок истёк" in words(await vera.get("/number-marks"))
    assert (await mark(vera, "key-5", reason="Снова")).status_code == 204


async def test_the_page_of_a_blocked_number_is_told_why(doors: Doors, calls: Calls) -> None:
    await calls.session.commit()
    citizen, body = await doors.nobody(), {"number": ANNA_NUMBER, "dialled": HOTLINE}
    begun = (await citizen.post("/api/v1/line/calls", json=body, headers={"Idempotency-Key": "k" * 20})).json()
    call_id = UUID(begun["call_id"])
    begin = StartCall(call_id=call_id, leg_id=begun["leg_id"], number=ANNA_NUMBER, dialled=HOTLINE, at=calls.at)
    async with doors.app.state.database.transaction() as session:
        blocked = NumberMark(number=ANNA_NUMBER, kind=MarkKind.BLOCKED, reason="Угрозы", set_by=calls.people.vera.id)
        await number_mark.add(session, blocked)
        call = await call_stage.add(session, begin, calls.people.queue)
        assert (call.stage, call.ended_at) == (CallStage.REJECTED, calls.at)
        await line_talk.cut(session, call_id)
    leg = await citizen.get(f"/api/v1/line/legs/{begun['leg_id']}", headers={"X-Leg-Token": begun["token"]})
    assert (leg.json()["state"], leg.json()["ended_by"]) == ("ended", "blocked")
