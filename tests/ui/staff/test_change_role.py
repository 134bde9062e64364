"""«Сменить роль» without a new login, «Выйти»."""

from sqlalchemy import text

from schemas.staff import Role
from tests.doors import Doors
from tests.people import People

HTMX = {"hx-request": "true"}
IN_A_CALL = """
    WITH c AS (
        INSERT INTO call (id, kind, stage, number, confirmed, dialled, leg_id, priority, started_at, queued_at,
                          comment, postponed, filled, version)
        VALUES (uuidv7(), 'inbound', 'talking', '+79161234567', true, '', '', 0, now(), now(), '', false, true, 0)
        RETURNING id)
    INSERT INTO serving (call_id, desk_id, employee_id, role, offered_at)
    SELECT c.id, d.id, d.employee_id, 'main', now() FROM c, desk d WHERE d.employee_id = :employee"""


async def put_in_a_call(doors: Doors, people: People) -> None:
    async with doors.app.state.database.transaction() as session:
        await session.execute(text(IN_A_CALL), {"employee": people.vera.id})


async def test_the_window_offers_ones_own_roles(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera, Role.SUPERVISOR)
    window = (await vera.get("/role", headers=HTMX)).text
    assert "Изменение параметров входа" in window
    assert "Продолжить" in window
    assert '<option value="supervisor" selected>Супервизор</option>' in window
    assert "Администратор" not in window


async def test_the_link_is_shown_only_to_those_with_several_roles(doors: Doors, fresh_people: People) -> None:
    vera, olga = await doors.browser(fresh_people.vera), await doors.browser(fresh_people.olga)
    assert "Сменить роль" in (await vera.get("/home")).text
    assert "Сменить роль" not in (await olga.get("/home")).text


async def test_it_opens_the_other_role_under_a_new_session(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera, Role.OPERATOR)
    before = vera.cookies["pult"]
    answer = await vera.post("/role", data={"role": "supervisor"}, headers=HTMX)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/journal")
    assert (await doors.actor(vera)).role is Role.SUPERVISOR
    assert vera.cookies["pult"] != before


async def test_a_role_of_others_is_refused_in_the_window(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera)
    for role in ("administrator", "", "x"):
        answer = await vera.post("/role", data={"role": role}, headers=HTMX)
        assert (answer.status_code, "Выберите роль." in answer.text) == (422, True)


async def test_it_is_refused_in_a_call_with_a_sentence(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera, Role.OPERATOR)
    await put_in_a_call(doors, fresh_people)
    answer = await vera.post("/role", data={"role": "supervisor"}, headers=HTMX)
    assert (answer.status_code, "после завершения обслуживания" in answer.text) == (409, True)
    assert (await doors.actor(vera)).role is Role.OPERATOR


async def test_log_out_ends_the_session(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera)
    token = vera.cookies["pult"]
    answer = await vera.post("/logout", headers=HTMX)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/login")
    vera.cookies.set("pult", token, domain="pult.test")
    assert (await vera.get("/home", headers={"accept": "text/html"})).headers["location"] == "/login?next=%2Fhome"


async def test_log_out_is_refused_in_a_call_by_a_toast(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera)
    await put_in_a_call(doors, fresh_people)
    answer = await vera.post("/logout", headers=HTMX)
    assert (answer.status_code, answer.headers["hx-reswap"]) == (409, "none")
    assert "pult:toast" in answer.headers["hx-trigger"]


async def test_a_forged_request_changes_nothing(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera, Role.OPERATOR)
    del vera.headers["X-CSRF-Token"]
    for headers in ({}, {"X-CSRF-Token": "x"}, {"sec-fetch-site": "cross-site"}):
        assert (await vera.post("/role", data={"role": "supervisor"}, headers=headers)).status_code == 403
    assert (await doors.actor(vera)).role is Role.OPERATOR


async def test_a_plain_form_carries_the_token_as_a_field(doors: Doors, fresh_people: People) -> None:
    vera = await doors.browser(fresh_people.vera, Role.OPERATOR)
    token = vera.headers.pop("X-CSRF-Token")
    answer = await vera.post("/role", data={"role": "supervisor", "csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/journal")
