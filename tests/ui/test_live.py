"""GET /live: a person hears of what is his, until his session ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from config.settings import Settings
from schemas.staff import Actor, Role
from services import staff
from store import live
from store.live import BUS
from store.session import Database
from tests.doors import Doors
from tests.people import People
from ui.live import events_of
from worker.place import free_port
from worker.web import create_app
from worker.web_server import Server


class Stream:
    """The events of one open stream, as they come."""

    def __init__(self, doors: Doors, actor: Actor) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.reading = asyncio.create_task(self._read(doors, actor))

    async def _read(self, doors: Doors, actor: Actor) -> None:
        async for told in events_of(doors.app.state, actor):
            for event in told.removesuffix("\n\n").split("\n\n"):
                name, _, body = event.removeprefix("event: ").partition("\ndata: ")
                self.events.append((name, json.loads(body)))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    async def until(self, name: str, seconds: float = 6.0) -> None:
        async with asyncio.timeout(seconds):
            while name not in self.names:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(doors: Doors, actor: Actor) -> AsyncIterator[Stream]:
    """An open stream, heard from its first event on."""
    stream = Stream(doors, actor)
    await stream.until("ping")
    await until_subscribed(doors)
    yield stream
    stream.reading.cancel()
    await asyncio.gather(stream.reading, return_exceptions=True)


async def until_subscribed(doors: Doors) -> None:
    async with asyncio.timeout(5):
        while not (await doors.app.state.valkey.pubsub_numsub(BUS))[0][1]:
            await asyncio.sleep(0.01)


@pytest.fixture
async def olga(doors: Doors, fresh_people: People) -> Actor:
    return await doors.actor(await doors.browser(fresh_people.olga))


async def say(database: Database, *notices: tuple[str, str, str]) -> None:
    async with database.transaction() as session:
        for channel, name, thing in notices:
            live.notice(session, channel, name, thing)


async def test_it_works(doors: Doors, olga: Actor, fresh_database: Database) -> None:
    async with listening(doors, olga) as stream:
        await say(fresh_database, (live.person(olga.employee_id), "call", "42"), (live.EVERYBODY, "queue", ""))
        await stream.until("pult:queue")
    assert ("pult:call", {"id": "42"}) in stream.events


async def test_what_is_not_hers_is_not_heard(doors: Doors, olga: Actor, fresh_people: People) -> None:
    foreign = [live.person(fresh_people.pyotr.id), live.role(Role.SUPERVISOR), live.leg("7")]
    async with listening(doors, olga) as stream:
        await say(doors.app.state.database, *((channel, "call", "42") for channel in foreign))
        await say(doors.app.state.database, (live.EVERYBODY, "queue", ""))
        await stream.until("pult:queue")
    assert "pult:call" not in stream.names


async def test_the_stream_beats_with_the_servers_time(doors: Doors, olga: Actor) -> None:
    async with listening(doors, olga) as stream:
        stream.events.clear()
        await stream.until("ping", seconds=5)
    assert stream.events[-1][1]["now"] > 1_700_000_000_000


async def test_it_ends_at_once_when_the_session_ends(doors: Doors, olga: Actor) -> None:
    async with listening(doors, olga) as stream:
        async with doors.app.state.database.transaction() as session:
            await staff.store.end_session(session, olga.session_id, "blocked")
            live.notice(session, live.person(olga.employee_id), "session", olga.session_id)
        await asyncio.wait_for(stream.reading, 1)
    assert stream.names[-1] == "pult:session"


async def test_it_ends_within_five_seconds_without_a_notice(doors: Doors, olga: Actor) -> None:
    async with listening(doors, olga) as stream:
        async with doors.app.state.database.transaction() as session:
            await staff.store.end_session(session, olga.session_id, "blocked")
        await asyncio.wait_for(stream.reading, 5)
    assert stream.names[-1] == "pult:session"


async def test_the_end_of_another_session_is_not_hers(doors: Doors, olga: Actor) -> None:
    async with listening(doors, olga) as stream:
        await say(doors.app.state.database, (live.person(olga.employee_id), "session", "другая"))
        await say(doors.app.state.database, (live.EVERYBODY, "queue", ""))
        await stream.until("pult:queue")
    assert "pult:session" not in stream.names


async def test_no_connection_is_held_by_a_stream(doors: Doors, olga: Actor) -> None:
    async with listening(doors, olga):
        assert doors.app.state.database.engine.pool.checkedout() == 0


async def test_a_stranger_to_the_house_is_told_so(doors: Doors) -> None:
    nobody = await doors.nobody()
    answer = await nobody.get("/live", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


async def test_a_real_server_streams_and_stops(settings: Settings, doors: Doors, fresh_people: People) -> None:
    cookies = (await doors.browser(fresh_people.olga)).cookies
    server, serving, address = await begin(settings)
    client = httpx.AsyncClient(cookies=dict(cookies), trust_env=False)
    async with client, client.stream("GET", f"{address}/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        assert (await anext(answer.aiter_lines())) == "event: ping"
        server.should_exit = True
        await asyncio.wait_for(serving, 2)


async def begin(settings: Settings) -> tuple[Server, asyncio.Task[None], str]:
    web = settings.web.model_copy(update={"port": free_port()})
    server = Server(create_app(settings), web)
    serving = asyncio.create_task(server._serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    return server, serving, f"http://127.0.0.1:{web.port}"
