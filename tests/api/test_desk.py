"""One's own desk by the API."""

from uuid import uuid4

from schemas.call import CallStage
from tests.doors import Doors
from tests.people import People
from tests.store.test_queue import phone_in, stage


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


async def test_a_phone_that_is_ready_again_asks_for_the_call_that_waits(doors: Doors, fresh_people: People) -> None:
    olga, phone = await doors.program(fresh_people.olga), {"phone_id": str(uuid4())}
    await olga.put("/api/v1/desk/state", json={"status": "incoming"})
    await olga.post("/api/v1/desk/presence", json=phone | {"ready": False})
    call_id = await phone_in(doors.app.state.database)
    await olga.post("/api/v1/desk/presence", json=phone | {"ready": False})
    assert await stage(doors.app.state.database, call_id) == CallStage.WAITING
    await olga.post("/api/v1/desk/presence", json=phone)
    assert await stage(doors.app.state.database, call_id) == CallStage.RINGING


async def test_a_break_has_its_reason(doors: Doors, fresh_people: People) -> None:
    olga, admin = await doors.program(fresh_people.olga), await doors.program(fresh_people.admin)
    lunch = (await admin.post("/api/v1/directories/break-reasons", json={"name": "Обед"})).json()
    assert (await olga.get("/api/v1/break-reasons")).json() == [{"id": lunch["id"], "name": "Обед"}]
    changed = (await olga.put("/api/v1/desk/state", json={"status": "break", "reason": lunch["id"]})).json()
    assert (changed["reason"], changed["reason_name"]) == (lunch["id"], "Обед")


async def test_an_unknown_reason_is_refused_in_words(doors: Doors, fresh_people: People) -> None:
    olga = await doors.program(fresh_people.olga)
    unknown = await olga.put("/api/v1/desk/state", json={"status": "break", "reason": str(uuid4())})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["message"] == "Выберите причину перерыва из списка."
    misplaced = await olga.put("/api/v1/desk/state", json={"status": "incoming", "reason": str(uuid4())})
    assert misplaced.json()["errors"][0]["message"] == "Причина бывает только у перерыва."
