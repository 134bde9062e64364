"""What a person sees when something is not there, not allowed or not working."""

import pytest
from fastapi import APIRouter

from schemas.errors import Conflict, Forbidden
from tests.doors import Doors
from tests.people import People
from ui.session import public

PAGE = {"accept": "text/html"}
router = APIRouter()


@router.get("/broken/{how}", dependencies=[public()])
async def break_down(how: str) -> None:
    raise {"mine": RuntimeError("a secret"), "away": ConnectionRefusedError(), "state": Conflict("Уже завершено.")}[how]


@pytest.fixture
def broken(doors: Doors) -> Doors:
    doors.app.include_router(router)
    return doors


async def test_an_unknown_address_is_a_page_in_words(doors: Doors) -> None:
    answer = await (await doors.nobody()).get("/nowhere", headers=PAGE)
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text
    assert "Not Found" not in answer.text


async def test_a_method_that_an_address_does_not_take(doors: Doors) -> None:
    answer = await (await doors.nobody()).put("/login", headers=PAGE)
    assert (answer.status_code, answer.headers["allow"]) in ((405, "GET"), (405, "POST"), (405, "GET, POST"))
    assert "Method" not in answer.text


async def test_an_identifier_that_is_none_is_a_page_that_is_not_there(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    assert (await olga.get("/calls/not-a-uuid", headers=PAGE)).status_code == 404


async def test_a_refused_page_keeps_the_menu(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    answer = await admin.get("/journal", headers=PAGE)
    assert answer.status_code == 403
    assert Forbidden.sentence in answer.text
    assert "Выйти" in answer.text


async def test_our_own_mistake_shows_its_number_and_no_more(broken: Doors) -> None:
    answer = await (await broken.nobody()).get("/broken/mine", headers=PAGE)
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "secret" not in answer.text
    assert "Content-Security-Policy".lower() in answer.headers


async def test_an_outage_is_told_as_one(broken: Doors) -> None:
    answer = await (await broken.nobody()).get("/broken/away", headers=PAGE)
    assert (answer.status_code, "База данных" in answer.text) == (503, True)
    assert answer.headers["retry-after"] == "2"


async def test_a_part_of_a_page_gets_a_toast_and_the_true_status(broken: Doors) -> None:
    answer = await (await broken.nobody()).get("/broken/state", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-reswap"], answer.text) == (409, "none", "")
    assert answer.headers["hx-trigger"].isascii()


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(doors: Doors) -> None:
    client = await doors.nobody()
    answer = await client.post("/login", content=b"login=" + b"a" * 2**20, headers={"content-type": "text/plain"})
    assert (answer.status_code, "слишком много данных" in answer.text) == (413, True)


async def test_a_body_that_hides_its_size_is_refused_too(doors: Doors) -> None:
    async def chunks():  # type: ignore[no-untyped-def]  # noqa: ANN202
        for _ in range(20):
            yield b"a" * 100_000

    kind = {"content-type": "application/json"}
    answer = await (await doors.nobody()).post("/api/v1/tokens", content=chunks(), headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
