"""«Справочники»: the administrator's lists."""

import re

from httpx import AsyncClient, Response

from tests.doors import Doors
from tests.people import People
from tests.ui.screen import words

BREAKS = "/directories/break-reasons"


async def add(client: AsyncClient, *names: str, url: str = BREAKS) -> Response:
    for name in names:
        answer = await client.post(url, data={"name": name})
    return answer


def order(answer: Response) -> list[str]:
    return re.findall(r'<li id="entry-[^"]+"><span[^>]*>([^<]+)</span>', answer.text)


def entry(answer: Response, name: str) -> str:
    found = re.search(rf'<li id="entry-([^"]+)"><span[^>]*>{name}</span>', answer.text)
    assert found is not None
    return f"{BREAKS}/{found[1]}"


async def test_values_are_added_and_put_in_order(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    shown = await add(admin, "Обед", " Учёба ", "Техника")
    assert order(shown) == ["Обед", "Учёба", "Техника"]
    moved = await admin.put(f"{entry(shown, 'Техника')}/position", data={"position": 0})
    assert order(moved) == ["Техника", "Обед", "Учёба"]
    assert order(await admin.get(BREAKS)) == ["Техника", "Обед", "Учёба"]


async def test_a_name_is_taken_once_whatever_its_letters(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    refused = await add(admin, "Обед", "обед")
    assert (refused.status_code, "Такое значение уже есть в списке." in words(refused)) == (422, True)
    assert (await add(admin, " ")).status_code == 422


async def test_a_value_is_renamed_in_its_dialog(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    url = entry(await add(admin, "Обед", "Учёба"), "Обед")
    assert 'value="Обед"' in (await admin.get(url)).text
    assert (await admin.put(url, data={"name": "Учёба"})).status_code == 422
    renamed = await admin.put(url, data={"name": "Обеденный перерыв"})
    assert (renamed.status_code, "pult:directory" in renamed.headers["HX-Trigger"]) == (204, True)
    assert order(await admin.get(BREAKS)) == ["Обеденный перерыв", "Учёба"]


async def test_an_archived_value_is_offered_no_more_and_can_be_returned(doors: Doors, fresh_people: People) -> None:
    admin, olga = await doors.browser(fresh_people.admin), await doors.browser(fresh_people.olga)
    url = entry(await add(admin, "Обед", "Учёба"), "Обед")
    archived = await admin.put(f"{url}/archive")
    assert order(archived) == ["Учёба", "Обед"]
    assert "Обед" not in words(await olga.get("/desk/state"))
    assert order(await admin.delete(f"{url}/archive")) == ["Учёба", "Обед"]
    assert "Обед" in words(await olga.get("/desk/state"))


async def test_reasons_of_a_call_are_kept_the_same_way(doors: Doors, fresh_people: People) -> None:
    admin, olga = await doors.browser(fresh_people.admin), await doors.program(fresh_people.olga)
    await add(admin, "Жалоба", "График работы", url="/directories/call-reasons")
    assert [reason["name"] for reason in (await olga.get("/api/v1/reasons")).json()] == ["Жалоба", "График работы"]
