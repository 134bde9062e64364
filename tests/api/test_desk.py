"""One's own desk by the API."""

from uuid import uuid4

from tests.doors import Doors
from tests.people import People


async def test_change_status(doors: Doors, fresh_people: People) -> None:
    olga = await doors.program(fresh_people.olga)
    changed = await olga.put("/api/v1/desk/state", json={"status": "incoming"})
    assert (changed.status_code, changed.json()["status"]) == (200, "incoming")
    assert (await olga.get("/api/v1/desk")).json()["status"] == "incoming"


async def test_nobody_chooses_to_be_inactive(doors: Doors, fresh_people: People) -> None:
    olga = await doors.program(fresh_people.olga)
    assert (await olga.put("/api/v1/desk/state", json={"status": "inactive"})).status_code == 422


async def test_an_administrator_has_no_desk(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert (await admin.put("/api/v1/desk/state", json={"status": "incoming"})).status_code == 403


async def test_a_second_phone_is_told_that_another_holds_it(doors: Doors, fresh_people: People) -> None:
    olga = await doors.program(fresh_people.olga)
    first = await olga.post("/api/v1/desk/presence", json={"phone_id": str(uuid4())})
    second = await olga.post("/api/v1/desk/presence", json={"phone_id": str(uuid4())})
    assert (first.json()["held"], second.json()["held"]) == (True, False)
    third = await olga.post("/api/v1/desk/presence", json={"phone_id": str(uuid4()), "take_over": True})
    assert (third.json()["held"], third.json()["fencing"]) == (True, 2)
