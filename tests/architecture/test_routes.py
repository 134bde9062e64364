"""Every route names its verb, and every role is refused what the table does not give it."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient, Response

from api.integration_session import SCOPE
from api.session import Order
from config.settings import Settings
from schemas.integration import Scope
from schemas.staff import Role
from services.access import RIGHTS
from store.staff import Employee
from tests.doors import Doors
from tests.people import People
from worker.web import create_app

PUBLIC = {
    "GET /login",
    "POST /login",
    "GET /login/role",
    "POST /login/role",
    "POST /api/v1/tokens",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    # The citizen's telephone: anybody may call; a leg opens to its secret or to its operator.
    "GET /phone",
    "POST /api/v1/line/calls",
    "GET /api/v1/line/legs/{leg_id}",
    "GET /api/v1/line/legs/{leg_id}/events",
    "POST /api/v1/line/legs/{leg_id}/answer",
    "POST /api/v1/line/legs/{leg_id}/signals",
    "POST /api/v1/line/legs/{leg_id}/decline",
    "POST /api/v1/line/legs/{leg_id}/lost",
    "DELETE /api/v1/line/legs/{leg_id}/lost",
    "DELETE /api/v1/line/legs/{leg_id}",
    "POST /api/v1/line/pages",
    "GET /api/v1/line/pages/{page_id}",
    "GET /api/v1/line/pages/{page_id}/events",
    "DELETE /api/v1/line/pages/{page_id}",
    "POST /api/v1/line/legs/{leg_id}/voicemail",
    "POST /api/v1/line/legs/{leg_id}/callback-wish",
}
FRAMEWORK = {"/api/v1/openapi.json", "/static/dist"}
ENDLESS = {"GET /live"}
LEAVES = {"POST /logout", "DELETE /api/v1/tokens/current", "POST /role"}
Route = tuple[str, str, str]


def routes_of(app: FastAPI) -> Iterator[Route]:
    """(method, path, verb) of every route; a route without a verb has an empty one."""
    for route in iter_route_contexts(app.routes):
        verbs = [v for d in getattr(route, "dependencies", ()) if (v := getattr(d.dependency, "verb", None))]
        if route.path not in FRAMEWORK:
            for method in sorted(route.methods or {"ANY"}):
                yield method, route.path or "", verbs[0] if len(verbs) == 1 else ""


@pytest.fixture
def routes(settings: Settings) -> list[Route]:
    return list(routes_of(create_app(settings)))


def test_only_these_routes_write_nothing_but_through_a_process(settings: Settings) -> None:
    routes = iter_route_contexts(create_app(settings).routes)
    orders = {r.operation_id for r in routes for d in getattr(r, "dependencies", ()) if isinstance(d.dependency, Order)}
    of_talk = {"hang_up", "finish_service", "hold_call", "resume_call"}
    assert orders == of_talk | {"transfer_call", "take_back", "complete_transfer", "list_transfer_targets"}


def test_every_route_names_one_verb(routes: list[Route]) -> None:
    assert [f"{method} {path}" for method, path, verb in routes if not verb] == []


def test_only_listed_routes_are_public(routes: list[Route]) -> None:
    assert {f"{method} {path}" for method, path, verb in routes if verb == "public"} - PUBLIC == set()


def test_every_verb_stands_in_the_table(routes: list[Route]) -> None:
    scopes = {SCOPE + scope for scope in Scope}
    assert {verb for _, _, verb in routes} - RIGHTS.keys() - scopes - {"public"} == set()


async def ask(client: AsyncClient, route: Route) -> Response:
    method, path, _ = route
    address = re.sub(r"\{[^}]+\}", str(uuid4()), path)
    body = {} if method in ("GET", "DELETE") else {"json": {}}
    return await client.request(method, address, headers={"accept": "text/html"}, **body)  # type: ignore[arg-type]


def guarded(app: FastAPI) -> list[Route]:
    return [route for route in routes_of(app) if route[2] != "public" and not route[2].startswith(SCOPE)]


async def test_nobody_gets_nothing(doors: Doors, fresh_people: People) -> None:
    client = await doors.nobody()
    for route in guarded(doors.app):
        answer = await ask(client, route)
        is_sent_to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert answer.status_code == 401 or is_sent_to_login, (route, answer.status_code)


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_is_refused_what_is_not_its_right(doors: Doors, fresh_people: People, role: Role) -> None:
    client = await doors.browser(holder(fresh_people, role), role)
    for route in guarded(doors.app):
        if role not in RIGHTS[route[2]]:
            assert (await ask(client, route)).status_code == 403, route


async def test_a_program_opens_its_scope_alone_and_a_session_opens_none(doors: Doors, fresh_people: People) -> None:
    people = [await doors.browser(fresh_people.admin), await doors.program(fresh_people.olga), await doors.nobody()]
    narrow = await doors.integration(fresh_people.admin, Scope.TICKETS_WRITE)
    for route in routes_of(doors.app):
        if route[2].startswith(SCOPE):
            assert {(await ask(one, route)).status_code for one in people} == {401}, route
            is_its_own = route[2] == SCOPE + Scope.TICKETS_WRITE
            assert (await ask(narrow, route)).status_code in ({204, 422} if is_its_own else {403}), route
        elif route[2] != "public":
            assert (await ask(narrow, route)).status_code in (401, 303), route


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_is_never_refused_its_right_nor_shown_a_failure(
    doors: Doors, fresh_people: People, role: Role
) -> None:
    client = await doors.browser(holder(fresh_people, role), role)
    for route in guarded(doors.app):
        if role in RIGHTS[route[2]] and f"{route[0]} {route[1]}" not in ENDLESS | LEAVES:
            status = (await ask(client, route)).status_code
            assert status in {*range(200, 500)} - {401, 403}, (route, status)


@pytest.mark.parametrize("role", list(Role))
async def test_a_menu_shows_only_what_opens(doors: Doors, fresh_people: People, role: Role) -> None:
    client = await doors.browser(holder(fresh_people, role), role)
    html = (await client.get("/", follow_redirects=True)).text
    navigation = re.search(r"<nav .*?</nav>", html, re.S)
    assert navigation is not None
    for address in re.findall(r'href="([^"]+)"', navigation[0]):
        assert (await client.get(address)).status_code == 200, address


def holder(people: People, role: Role) -> Employee:
    """Who has this role."""
    return {
        Role.OPERATOR: people.olga,
        Role.SUPERVISOR: people.vera,
        Role.ADMINISTRATOR: people.admin,
        Role.KNOWLEDGE_USER: people.stranger,
    }[role]
