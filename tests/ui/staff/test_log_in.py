"""«Войти»: from the form to the first screen of the role."""

import pytest
from httpx import AsyncClient

from tests.doors import ORIGIN, Doors
from tests.people import PASSWORD, People

PAGE = {"accept": "text/html"}
WRONG = "Неверный логин или пароль."


@pytest.fixture
async def client(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.nobody()


def form(login: str, password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"login": login, "password": password, **more}


@pytest.mark.parametrize(("login", "first"), [("olga", "/home"), ("admin", "/start"), ("stranger", "/start")])
async def test_one_role_opens_its_first_screen(client: AsyncClient, login: str, first: str) -> None:
    answer = await client.post("/login", data=form(login))
    assert (answer.status_code, answer.headers["location"]) == (303, first)
    page = await client.get(first)
    assert page.status_code == 200
    assert "Выйти" in page.text


async def test_the_cookie_is_out_of_reach_of_scripts(client: AsyncClient) -> None:
    cookie = (await client.post("/login", data=form("olga"))).headers["set-cookie"]
    assert cookie.startswith("pult=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_several_roles_are_chosen_from_first(client: AsyncClient) -> None:
    answer = await client.post("/login", data=form("vera"), follow_redirects=True)
    assert answer.url.path == "/login/role"
    assert "Выбор роли сотрудника" in answer.text
    assert (await client.get("/journal", headers=PAGE)).headers["location"].startswith("/login")
    chosen = await client.post("/login/role", data={"role": "supervisor"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/journal")
    assert (await client.get("/journal")).status_code == 200


async def test_a_role_must_be_chosen_and_be_ones_own(client: AsyncClient) -> None:
    await client.post("/login", data=form("vera"))
    for role in ("", "administrator", "<b>"):
        answer = await client.post("/login/role", data={"role": role})
        assert (answer.status_code, "Выберите роль." in answer.text) == (422, True)


@pytest.mark.parametrize("login", ["olga", "nobody", "<script>", "'; DROP TABLE employee", "a\x00b"])
async def test_what_is_wrong_is_not_told_and_the_login_is_kept(client: AsyncClient, login: str) -> None:
    answer = await client.post("/login", data=form(login, "не тот"))
    assert answer.status_code == 401
    assert WRONG in answer.text
    assert "не тот" not in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "")


async def test_empty_fields_are_named(client: AsyncClient) -> None:
    answer = await client.post("/login", data=form("", ""))
    assert answer.status_code == 422
    assert answer.text.count("Заполните это поле.") == 2
    assert 'aria-invalid="true"' in answer.text


async def test_a_login_that_is_too_long_is_refused_in_words(client: AsyncClient) -> None:
    answer = await client.post("/login", data=form("я" * 101, "п" * 201))
    assert answer.status_code == 422
    assert "Не длиннее, чем знаков: 100." in answer.text


async def test_guessing_is_slowed_down(client: AsyncClient) -> None:
    for _ in range(5):
        await client.post("/login", data=form("olga", "не тот"))
    answer = await client.post("/login", data=form("olga"))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 2
    assert "Слишком много попыток" in answer.text


async def test_the_page_that_was_asked_for_opens_after_the_login(client: AsyncClient) -> None:
    asked = await client.get("/journal?q=Анна", headers=PAGE)
    assert asked.status_code == 303
    login = await client.get(asked.headers["location"])
    assert 'name="next" value="/journal?q=%D0%90%D0%BD%D0%BD%D0%B0"' in login.text
    answer = await client.post("/login", data=form("olga", next="/journal?q=1"))
    assert answer.headers["location"] == "/journal?q=1"


@pytest.mark.parametrize(
    "next", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:1", "/\nSet-Cookie: a=b"]
)
async def test_the_way_on_never_leads_to_another_site(client: AsyncClient, next: str) -> None:
    answer = await client.post("/login", data=form("olga", next=next))
    assert answer.headers["location"] == "/home"


async def test_a_section_that_the_next_person_has_not_is_not_opened(client: AsyncClient) -> None:
    answer = await client.post("/login", data=form("admin", next="/home?q=1"))
    assert answer.headers["location"] == "/start"


async def test_somebody_logged_in_is_sent_on(client: AsyncClient) -> None:
    await client.post("/login", data=form("olga"))
    assert (await client.get("/login")).headers["location"] == "/home"
    assert (await client.get("/")).headers["location"] == "/home"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}])
async def test_a_form_of_another_site_logs_nobody_in(client: AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/login", data=form("olga"), headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_form_of_our_own_does(client: AsyncClient) -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": ORIGIN}):
        assert (await client.post("/login", data=form("olga"), headers=headers)).status_code == 303


async def test_a_part_of_a_page_is_told_to_go_to_the_login(client: AsyncClient) -> None:
    answer = await client.get("/desk/state", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


async def test_an_unknown_language_is_answered_in_russian(client: AsyncClient) -> None:
    client.cookies.set("language", "xx")
    assert "Войти" in (await client.get("/login")).text


async def test_a_boosted_link_leads_to_the_login(client: AsyncClient) -> None:
    answer = await client.get("/home", headers={"hx-request": "true", "hx-boosted": "true"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fhome")
