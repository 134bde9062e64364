"""Templates of messages by the API: versions, the archive, and whose they are."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from schemas.staff import Role
from tests.doors import Doors
from tests.people import People

URL = "/api/v1/message-templates"
TYPED = {"name": "Приём", "channel": "sms", "text": "{{ имя }}, ждём вас {{ дата }}."}


@pytest.fixture
async def admin(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.program(fresh_people.admin)


@pytest.fixture
async def added(admin: AsyncClient) -> Response:
    answer = await admin.post(URL, json=TYPED)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    return answer


async def names(admin: AsyncClient) -> list[tuple[str, bool]]:
    return [(one["name"], one["archived_at"] is None) for one in (await admin.get(URL)).json()]


async def test_a_template_is_changed_once_for_each_version(admin: AsyncClient, added: Response) -> None:
    url, read = f"{URL}/{added.json()['id']}", {"If-Match": added.headers["etag"]}
    saved = await admin.put(url, json=TYPED | {"text": "{{ имя }}, ждём."}, headers=read)
    assert (saved.status_code, saved.json()["version"], saved.headers["etag"]) == (200, 2, '"2"')
    late = [await admin.put(url, json=TYPED, headers=read), await admin.put(url, json=TYPED)]
    assert [(each.status_code, each.json()["code"]) for each in late] == [
        (412, "stale"),
        (428, "precondition_required"),
    ]
    found = await admin.get(url)
    assert (found.json()["text"], found.headers["etag"]) == ("{{ имя }}, ждём.", '"2"')


async def test_it_goes_to_the_archive_and_comes_back(admin: AsyncClient, added: Response) -> None:
    url, read = f"{URL}/{added.json()['id']}", {"If-Match": added.headers["etag"]}
    await admin.post(URL, json=TYPED | {"name": "Отказ"})
    assert (await admin.delete(url)).status_code == 428
    assert (await admin.delete(url, headers={"If-Match": '"7"'})).status_code == 412
    assert [(await admin.delete(url, headers=read)).status_code for _ in range(2)] == [204, 204]
    assert await names(admin) == [("Отказ", True), ("Приём", False)]
    assert (await admin.delete(f"{url}/archive")).status_code == 204
    assert await names(admin) == [("Отказ", True), ("Приём", True)]
    assert (await admin.put(f"{url}/position", json={"position": 0})).status_code == 204
    assert await names(admin) == [("Приём", True), ("Отказ", True)]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"text": "{{ паспорт }}"}, "/text"), ({"name": "ПРИЁМ"}, "/name"), ({"text": "я" * 701}, "/text")],
)
@pytest.mark.usefixtures("added")
async def test_what_cannot_be_sent_is_refused_at_its_field(
    admin: AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    refused = await admin.post(URL, json=TYPED | changes)
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, [pointer])
    assert await names(admin) == [("Приём", True)]


async def test_only_an_administrator_keeps_them(doors: Doors, fresh_people: People, added: Response) -> None:
    url, tag = f"{URL}/{added.json()['id']}", {"If-Match": '"1"'}
    people = ((fresh_people.olga, None), (fresh_people.vera, Role.SUPERVISOR), (fresh_people.stranger, None))
    for program in [await doors.program(*one) for one in people]:
        asked = [program.get(URL), program.post(URL, json=TYPED), program.get(url), program.delete(url, headers=tag)]
        assert {(await each).status_code for each in asked} == {403}
