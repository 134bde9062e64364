"""An administrator finds people and shuts them out."""

from httpx import AsyncClient

from tests.doors import Doors
from tests.people import PASSWORD, People

STAFF = "/api/v1/staff"


async def names(client: AsyncClient, q: str = "") -> list[str]:
    return [one["full_name"].split()[0] for one in (await client.get(STAFF, params={"q": q})).json()]


async def test_people_are_listed_by_name_and_found_by_a_part_of_it(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert await names(admin) == ["Админ", "Вера", "Ольга", "Пётр", "Чужой"]
    assert await names(admin, "елкин") == ["Пётр"]
    assert await names(admin, "OLGA") == ["Ольга"]
    assert await names(admin, "%") == []


async def test_a_list_shows_no_secret(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert "argon2" not in (await admin.get(STAFF)).text


async def test_a_blocked_employee_is_out_and_comes_in_again_when_let(doors: Doors, fresh_people: People) -> None:
    admin, olga = await doors.program(fresh_people.admin), await doors.program(fresh_people.olga)
    address = f"{STAFF}/{fresh_people.olga.id}/block"
    assert (await admin.put(address)).status_code == 204
    assert (await admin.put(address)).status_code == 204
    assert (await olga.get("/api/v1/desk")).status_code == 401
    assert (await admin.delete(address)).status_code == 204
    assert (await olga.get("/api/v1/desk")).status_code == 401
    login = {"login": "olga", "password": PASSWORD}
    assert (await olga.post("/api/v1/tokens", json=login)).status_code == 201


async def test_nobody_blocks_himself_nor_somebody_who_is_not_there(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert (await admin.put(f"{STAFF}/{fresh_people.admin.id}/block")).status_code == 409
    assert (await admin.put(f"{STAFF}/{fresh_people.queue.id}/block")).status_code == 404
