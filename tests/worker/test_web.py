"""The web process opens although its neighbours are away, and says so where it must."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from config.settings import Settings
from tests.doors import Doors
from tests.people import PASSWORD, People
from worker.web import create_app

NOWHERE = "127.0.0.1:9"


@pytest.fixture
async def alone(settings: Settings) -> AsyncIterator[Doors]:
    """The application without Temporal and Valkey."""
    temporal = settings.temporal.model_copy(update={"address": NOWHERE})
    valkey = settings.valkey.model_copy(update={"url": type(settings.valkey.url)(f"redis://{NOWHERE}/0")})
    app = create_app(settings.model_copy(update={"temporal": temporal, "valkey": valkey}))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Doors(app, stack)


async def test_people_enter_and_pages_open_without_temporal_and_valkey(alone: Doors, fresh_people: People) -> None:
    client = await alone.nobody()
    assert (await client.post("/login", data={"login": "olga", "password": PASSWORD})).status_code == 303
    assert (await client.get("/home")).status_code == 200
    assert (await client.get("/journal")).status_code == 200


async def test_assets_are_kept_for_ever_and_compressed_but_pages_are_not(doors: Doors) -> None:
    # Beside what a stranger typed, the length of a compressed page would tell of its token.
    client = await doors.nobody()
    style = await client.get(doors.app.state.pages.asset("main.css"))
    assert style.headers["content-encoding"] == "br"
    assert "immutable" in style.headers["cache-control"]
    page = await client.get("/login")
    assert "content-encoding" not in page.headers
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("reason", ["a\x00b", "\x00"])
async def test_a_text_that_cannot_be_held_is_bad_input(doors: Doors, fresh_people: People, reason: str) -> None:
    olga = await doors.program(fresh_people.olga)
    answer = await olga.put("/api/v1/desk/state", json={"status": "break", "reason": reason})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_every_answer_has_a_number_of_its_own(doors: Doors) -> None:
    client = await doors.nobody()
    numbers = {(await client.get("/login")).headers["x-request-id"] for _ in range(3)}
    assert len(numbers) == 3


async def test_behind_https_the_cookie_is_bound_to_this_very_host(settings: Settings, fresh_people: People) -> None:
    security = settings.security.model_copy(update={"cookie_secure": True})
    app = create_app(settings.model_copy(update={"security": security}))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        client = await Doors(app, stack).nobody()
        answer = await client.post("/login", data={"login": "olga", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-pult=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
