"""Programs: a token with the rights of its owner, problems in words."""

import pytest
from httpx import AsyncClient

from schemas.staff import Role
from tests.doors import Doors
from tests.people import PASSWORD, People

TOKENS = "/api/v1/tokens"


@pytest.fixture
async def client(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.nobody()


async def test_a_token_opens_what_its_role_may(client: AsyncClient) -> None:
    issued = await client.post(TOKENS, json={"login": "olga", "password": PASSWORD})
    assert issued.status_code == 201
    assert issued.json()["role"] == "operator"
    client.headers["Authorization"] = f"Bearer {issued.json()['token']}"
    assert (await client.get("/api/v1/desk")).json()["status"] == "break"


async def test_the_role_is_named_when_there_are_several(client: AsyncClient) -> None:
    vera = {"login": "vera", "password": PASSWORD}
    refused = await client.post(TOKENS, json=vera)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/role")
    assert (await client.post(TOKENS, json=vera | {"role": "supervisor"})).json()["role"] == "supervisor"


async def test_a_token_ends(doors: Doors, fresh_people: People) -> None:
    program = await doors.program(fresh_people.olga)
    assert (await program.delete(f"{TOKENS}/current")).status_code == 204
    assert (await program.get("/api/v1/desk")).status_code == 401


async def test_a_program_needs_no_token_against_forgery_but_a_page_does(doors: Doors, fresh_people: People) -> None:
    page = await doors.browser(fresh_people.olga)
    assert (await page.put("/api/v1/desk/state", json={"status": "break"})).status_code == 200
    del page.headers["X-CSRF-Token"]
    assert (await page.put("/api/v1/desk/state", json={"status": "break"})).status_code == 403
    program = await doors.program(fresh_people.olga)
    assert (await program.put("/api/v1/desk/state", json={"status": "break"})).status_code == 200


async def test_a_cookie_is_no_bearer_token_and_the_other_way_round(doors: Doors, fresh_people: People) -> None:
    page, program = await doors.browser(fresh_people.olga), await doors.program(fresh_people.olga)
    nobody = await doors.nobody()
    secret = page.cookies["pult"]
    assert (await nobody.get("/api/v1/desk", headers={"Authorization": f"Bearer {secret}"})).status_code == 401
    nobody.cookies.set("pult", program.headers["Authorization"].removeprefix("Bearer "))
    assert (await nobody.get("/api/v1/desk")).status_code == 401


async def test_nobody_is_asked_for_a_token(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/desk")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_role_without_the_right_is_refused(doors: Doors, fresh_people: People) -> None:
    stranger = await doors.program(fresh_people.stranger, Role.KNOWLEDGE_USER)
    answer = await stranger.get("/api/v1/calls")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_wrong_password_is_a_problem_that_tells_nothing(client: AsyncClient) -> None:
    answer = await client.post(TOKENS, json={"login": "olga", "password": "не тот"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.json()["detail"] == "Неверный логин или пароль."
    assert answer.json()["trace_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ('{"login": "olga"}', "/password", "Заполните это поле."),
        ('{"login": "", "password": "x"}', "/login", "Заполните это поле."),
        ('{"login": 5, "password": "x"}', "/login", "Введите текст."),
        ('{"login": "o", "password": "x", "role": "king"}', "/role", "Выберите одно из значений списка."),
        ('{"login": "o", "password": "x", "as": 1}', "/as", "Такого поля нет."),
        ('{"login": ', "/10", "Тело запроса не похоже на JSON."),
        ("[]", "", "Передайте объект JSON."),
        ("", "", "Заполните это поле."),
    ],
)
async def test_what_is_misshapen_is_said_at_its_place(
    client: AsyncClient, body: str, pointer: str, message: str
) -> None:
    answer = await client.post(TOKENS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["pointer"], error["message"]) == (pointer, message)


async def test_an_unknown_address_and_method_are_problems(client: AsyncClient) -> None:
    assert (await client.get("/api/v1/nope")).json()["title"] == "Не найдено"
    for method, path, status in (("GET", "/api/v1/nope", 404), ("PUT", TOKENS, 405)):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert "Not Found" not in answer.json()["detail"]


async def test_the_sentences_speak_the_language_of_the_client(client: AsyncClient) -> None:
    english = {"Accept-Language": "de, en-GB;q=0.8, ru;q=0.5"}
    answer = (await client.post(TOKENS, json={"login": "x" * 101, "password": ""}, headers=english)).json()
    assert answer["detail"].isascii()
    assert [error["message"].isascii() for error in answer["errors"]] == [True, True]
    assert "100" in answer["errors"][0]["message"]
