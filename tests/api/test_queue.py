"""Queues by the API: settings, versions, and the match that they ask for."""

from typing import Any

from httpx import AsyncClient

from schemas.call import CallStage
from tests.doors import Doors
from tests.people import HOTLINE, People
from tests.store.test_queue import go_on_line, phone_in, stage

URL = "/api/v1/queues"


async def change(admin: AsyncClient, people: People, **settings: Any) -> Any:
    """Save the hotline with some settings changed."""
    read = await admin.get(f"{URL}/{people.queue.id}")
    body = {n: value for n, value in read.json().items() if n not in ("id", "version", "archived_at")} | settings
    return await admin.put(f"{URL}/{people.queue.id}", json=body, headers={"If-Match": read.headers["etag"]})


async def test_a_queue_is_created_and_found(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    body = {"name": " Ёлочная ", "numbers": ["8 800 000-02-01", "122"], "hours": {"mon": [["08:00", "20:00"]]}}
    created = await admin.post(URL, json=body | {"members": [{"employee_id": str(fresh_people.vera.id)}]})
    assert (created.status_code, created.json()["numbers"]) == (201, ["122", "+78000000201"])
    assert [row["name"] for row in (await admin.get(URL, params={"q": "елоч"})).json()] == ["Ёлочная"]
    assert [row["members"] for row in (await admin.get(URL, params={"q": "0201"})).json()] == [1]


async def test_settings_are_saved_once_for_each_version(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    saved = await change(admin, fresh_people, ring_seconds=25, talk_norm_seconds=180, greeting="{time_of_day}!")
    assert (saved.status_code, saved.json()["version"], saved.json()["talk_norm_seconds"]) == (200, 1, 180)
    body = {"name": "Горячая линия", "numbers": [HOTLINE]}
    stale = await admin.put(f"{URL}/{fresh_people.queue.id}", json=body, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert (await admin.get(f"{URL}/{fresh_people.queue.id}")).json()["ring_seconds"] == 25


async def test_what_is_wrong_is_said_of_each_field(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    body = {"name": "", "numbers": ["12"], "ring_seconds": 1, "hours": {"mon": [["20:00", "20:00"]]}}
    errors = (await admin.post(URL, json=body | {"numbers": ["xyz"]})).json()["errors"]
    assert {error["pointer"].split("/")[1] for error in errors} == {"name", "numbers", "ring_seconds", "hours"}
    taken = await admin.post(URL, json={"name": "Горячая линия", "numbers": [HOTLINE]})
    assert {error["pointer"] for error in taken.json()["errors"]} == {"/name", "/numbers"}


async def test_a_new_member_gets_the_call_that_waits(doors: Doors, fresh_people: People) -> None:
    database, admin = doors.app.state.database, await doors.program(fresh_people.admin)
    await change(admin, fresh_people, members=[])
    await go_on_line(database, fresh_people, "olga")
    call_id = await phone_in(database)
    assert await stage(database, call_id) == CallStage.WAITING
    await change(admin, fresh_people, members=[{"employee_id": str(fresh_people.olga.id)}])
    assert await stage(database, call_id) == CallStage.RINGING


async def test_only_those_with_a_desk_serve_a_queue(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    refused = await change(admin, fresh_people, members=[{"employee_id": str(fresh_people.stranger.id)}])
    assert refused.json()["errors"][0]["message"] == "В очереди работают операторы и супервизоры."


async def test_an_archived_queue_gives_its_number_away(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert (await admin.put(f"{URL}/{fresh_people.queue.id}/archive")).status_code == 204
    assert (await admin.post(URL, json={"name": "Новая", "numbers": [HOTLINE]})).status_code == 201
    assert (await admin.delete(f"{URL}/{fresh_people.queue.id}/archive")).status_code == 204
    assert (await admin.get(f"{URL}/{fresh_people.queue.id}")).json()["numbers"] == []
