"""A call that was closed as «не заполнено» is filled in by the API."""

from httpx import AsyncClient, Response
from sqlalchemy import text

from schemas.staff import Role
from tests.calls import Calls, reason
from tests.doors import Doors


async def unfilled(calls: Calls) -> tuple[str, str]:
    """A served call of Ольга's without its reasons; return its address and a reason."""
    call = await calls.served(filled=False)
    chosen = await reason(calls.session, "Жалоба")
    await calls.session.execute(text("UPDATE serving SET filled = false"))
    await calls.session.commit()
    return f"/api/v1/calls/{call.id}", str(chosen)


async def fill(client: AsyncClient, url: str, reason_id: str, key: str = "some-key-1") -> Response:
    body = {"reasons": [reason_id], "comment": "Позже"}
    return await client.put(f"{url}/completion", json=body, headers={"Idempotency-Key": key})


async def test_it_is_filled_once(doors: Doors, calls: Calls) -> None:
    url, reason_id = await unfilled(calls)
    olga = await doors.program(calls.people.olga)
    filled = await fill(olga, url, reason_id)
    assert (filled.status_code, filled.json()["filled"], filled.json()["reasons"]) == (200, True, ["Жалоба"])
    assert (await fill(olga, url, reason_id)).status_code == 200
    assert (await fill(olga, url, reason_id, "other-key-2")).status_code == 409
    assert [event["kind"] for event in (await olga.get(f"{url}/events")).json()] == ["filled"]


async def test_it_is_filled_by_who_talked(doors: Doors, calls: Calls) -> None:
    url, reason_id = await unfilled(calls)
    assert (await fill(await doors.program(calls.people.pyotr), url, reason_id)).status_code == 404
    assert (await fill(await doors.program(calls.people.vera, Role.SUPERVISOR), url, reason_id)).status_code == 409
    olga = await doors.program(calls.people.olga)
    assert (await fill(olga, url, str(calls.people.olga.id))).status_code == 422
