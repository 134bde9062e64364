"""The administrator's lists by the API."""

from tests.doors import Doors
from tests.people import People

URL = "/api/v1/directories/break-reasons"


async def test_a_list_is_kept(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    first, second = [(await admin.post(URL, json={"name": name})).json() for name in ("Обед", "Учёба")]
    assert (await admin.put(f"{URL}/{first['id']}", json={"name": "Обеденный"})).json()["name"] == "Обеденный"
    moved = await admin.put(f"{URL}/{second['id']}/position", json={"position": 0})
    assert [entry["name"] for entry in moved.json()] == ["Учёба", "Обеденный"]
    assert (await admin.put(f"{URL}/{second['id']}/archive")).status_code == 204
    assert [bool(entry["archived_at"]) for entry in (await admin.get(URL)).json()] == [False, True]
    assert (await admin.post(URL, json={"name": "учёба"})).json()["errors"][0]["message"].startswith("Такое значение")
    assert (await admin.delete(f"{URL}/{second['id']}/archive")).status_code == 204


async def test_what_is_not_there_is_not_found(doors: Doors, fresh_people: People) -> None:
    admin = await doors.program(fresh_people.admin)
    assert (await admin.put(f"{URL}/{fresh_people.olga.id}/archive")).status_code == 404
    assert (await admin.get("/api/v1/directories/nonsense")).status_code == 422


async def test_only_an_administrator_keeps_it(doors: Doors, fresh_people: People) -> None:
    for one in (fresh_people.olga, fresh_people.vera, fresh_people.stranger):
        assert (await (await doors.program(one)).post(URL, json={"name": "Обед"})).status_code == 403
