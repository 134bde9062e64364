"""Calls by the API: who sees them, and orders to those under way."""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from structlog.contextvars import get_contextvars

from schemas.call import CallStage
from schemas.staff import Role
from tests.centre import Centre
from tests.doors import Doors


async def test_finish_service_by_the_api(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    order = await centre.order()
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": [str(order.reasons[0])], "comment": "Готово"}
    done = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (done.status_code, done.json()["actor_name"]) == (200, centre.people.olga.full_name)
    assert (await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)).json() == done.json()


async def test_the_key_may_come_as_a_header(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    form = {"reasons": [str((await centre.order()).reasons[0])]}
    olga = await doors.program(centre.people.olga)
    address = f"/api/v1/calls/{ring.call_id}/completion"
    assert (await olga.post(address, json=form)).status_code == 422
    done = [await olga.post(address, json=form, headers={"Idempotency-Key": "header-key-1"}) for _ in range(2)]
    assert [answer.status_code for answer in done] == [200, 200]
    assert done[0].json() == done[1].json()


async def test_finish_service_is_refused_without_a_reason(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": []}
    refused = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reasons")


async def test_finish_service_is_refused_with_an_unknown_reason(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": [str(uuid4())]}
    refused = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (refused.status_code, await centre.stage(ring.call_id)) == (422, "post_processing")


async def test_finish_service_is_refused_in_the_talk(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    order = await centre.order()
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": [str(order.reasons[0])]}
    refused = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (refused.status_code, refused.json()["detail"]) == (409, "Сначала завершите разговор.")


async def test_an_order_writes_nothing_itself(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga, said = await doors.program(centre.people.olga), said_by_requests(doors)
    form = {"key": "form-key-1", "reasons": [str((await centre.order()).reasons[0])]}
    orders = {"PUT hold": None, "DELETE hold": None, "DELETE talk": None, "POST completion": form}
    for order, body in orders.items():
        method, path = order.split()
        answer = await olga.request(method, f"/api/v1/calls/{ring.call_id}/{path}", json=body)
        assert answer.is_success, answer.text
    assert len(said) >= 2 * len(orders)
    assert {sql.split()[0] for sql in said} == {"SELECT"}


def said_by_requests(doors: Doors) -> list[str]:
    """The statements of the web alone: the worker of a test has the same engine."""
    said: list[str] = []

    def note(*told: Any) -> None:
        if "request_id" in get_contextvars():
            said.append(told[2])

    event.listen(doors.app.state.database.engine.sync_engine, "before_cursor_execute", note)
    return said


async def test_a_process_that_lost_the_hang_up_hears_of_it_by_the_finish(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hang_up_unheard(ring.call_id)
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": [str((await centre.order()).reasons[0])]}
    finished = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (finished.status_code, await centre.stage(ring.call_id)) == (200, "finished")
    assert (await centre.process(ring.call_id).result()).stage == "finished"


async def test_another_operator_does_not_find_the_call(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    pyotr = await doors.program(centre.people.pyotr)
    for path in ("", "/events", "/process"):
        assert (await pyotr.get(f"/api/v1/calls/{ring.call_id}{path}")).status_code == 404
    assert (await pyotr.delete(f"/api/v1/calls/{ring.call_id}/talk")).status_code == 404


async def test_a_supervisor_sees_the_call_and_may_not_end_it(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    vera = await doors.program(centre.people.vera, Role.SUPERVISOR)
    seen = await vera.get(f"/api/v1/calls/{ring.call_id}")
    assert (seen.status_code, seen.json()["is_mine"]) == (200, False)
    assert (await vera.delete(f"/api/v1/calls/{ring.call_id}/talk")).status_code == 409


async def test_hang_up_ends_the_talk(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.program(centre.people.olga)
    assert (await olga.delete(f"/api/v1/calls/{ring.call_id}/talk")).status_code == 204
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    assert ring.call_id in centre.exchange.hung_up


async def test_the_process_says_what_it_waits_for(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.program(centre.people.olga)
    process = (await olga.get(f"/api/v1/calls/{ring.call_id}/process")).json()
    assert (process["stage"], process["waits_for"]) == ("talking", "окончания разговора")
    assert process["source"] == "process"


async def test_the_timeline_names_who_did_what(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.program(centre.people.olga)
    lines = (await olga.get(f"/api/v1/calls/{ring.call_id}/events")).json()
    assert [line["kind"] for line in lines] == ["arrived", "offered", "ringing", "answered"]
    assert lines[-1]["actor_name"] == centre.people.olga.full_name


async def test_list_calls_shows_ones_own(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga, pyotr = await doors.program(centre.people.olga), await doors.program(centre.people.pyotr)
    assert [row["call_id"] for row in (await olga.get("/api/v1/calls")).json()["rows"]] == [str(ring.call_id)]
    assert (await pyotr.get("/api/v1/calls")).json()["rows"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"comment": "a\x00b"}, "comment"),
        ({"key": "form-key\x00"}, "key"),
        ({"next_status": "inactive"}, "next_status"),
    ],
)
async def test_what_could_never_be_saved_does_not_reach_the_process(
    doors: Doors, centre: Centre, wrong: dict[str, str], field: str
) -> None:
    ring = await centre.serve()
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-1", "reasons": [str((await centre.order()).reasons[0])]}
    refused = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form | wrong)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert (await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)).status_code == 200


async def test_a_late_finish_is_told_who_was_first_and_when_by_the_clock_of_the_centre(
    doors: Doors, centre: Centre
) -> None:
    ring = await centre.serve()
    at = (await centre.finish(ring.call_id)).at.astimezone(ZoneInfo(doors.app.state.settings.centre.zone))
    olga = await doors.program(centre.people.olga)
    form = {"key": "form-key-2", "reasons": [str((await centre.order()).reasons[0])]}
    refused = await olga.post(f"/api/v1/calls/{ring.call_id}/completion", json=form)
    assert (refused.status_code, f", {at:%H:%M}." in refused.json()["detail"]) == (409, True)
