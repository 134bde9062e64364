"""Live notices: each stream hears its own, a slow one is told to refetch, a break is noticed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.live import MOST_UNREAD, PING, RESYNC, TOGETHER, Live, Notice, to_event
from store.live import BUS, Publisher
from worker.stack import Stack


@pytest.fixture
async def live(stack: Stack, valkey: Redis) -> AsyncIterator[Live]:
    live = Live(stack.valkey.url())
    listening = asyncio.create_task(live.run())
    async with asyncio.timeout(5):
        while not (await valkey.pubsub_numsub(BUS))[0][1]:
            await asyncio.sleep(0.01)
    yield live
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.fixture
def publish(valkey: Redis) -> Publisher:
    return Publisher(valkey)


class Listener:
    """A stream read in the background."""

    def __init__(self, live: Live, *channels: str, beat: float = 60.0) -> None:
        self.heard: list[Notice] = []
        self.task = asyncio.create_task(self._read(live, channels, beat))

    async def _read(self, live: Live, channels: tuple[str, ...], beat: float) -> None:
        async for notices in live.subscribe(channels, beat):
            self.heard += notices

    async def until(self, notice: Notice) -> None:
        async with asyncio.timeout(8):
            while notice not in self.heard:
                await asyncio.sleep(0.01)


async def test_it_works(live: Live, publish: Publisher) -> None:
    olga = Listener(live, "person:olga", "all")
    await asyncio.sleep(0)
    await publish([("person:olga", "call", "42"), ("all", "queue", "")])
    await olga.until(Notice(name="queue"))
    assert olga.heard == [Notice(name="call", id="42"), Notice(name="queue")]


async def test_what_everybody_hears_is_gathered(live: Live, publish: Publisher) -> None:
    olga = Listener(live, "person:olga", "all")
    await asyncio.sleep(0)
    for n in range(20):
        await publish([("all", "queue", ""), ("person:olga", "call", str(n))])
    await olga.until(Notice(name="queue"))
    await asyncio.sleep(TOGETHER * 2)
    assert olga.heard.count(Notice(name="queue")) <= 2
    assert len([notice for notice in olga.heard if notice.name == "call"]) == 20


async def test_a_stranger_hears_nothing(live: Live, publish: Publisher) -> None:
    olga, stranger = Listener(live, "person:olga"), Listener(live, "person:stranger")
    await asyncio.sleep(0)
    await publish([("person:olga", "call", "42")])
    await olga.until(Notice(name="call", id="42"))
    assert stranger.heard == []


async def test_a_quiet_stream_beats(live: Live) -> None:
    olga = Listener(live, "person:olga", beat=0.05)
    await olga.until(PING)


async def test_a_busy_stream_beats_too(live: Live, publish: Publisher) -> None:
    olga = Listener(live, "all", beat=0.1)
    for _ in range(20):
        await publish([("all", "queue", "")])
        await asyncio.sleep(0.02)
    assert olga.heard.count(PING) >= 3


async def test_a_slow_reader_is_told_to_refetch(live: Live, publish: Publisher) -> None:
    slow = live.subscribe(["all"], beat=60)
    first = asyncio.ensure_future(anext(slow))
    await asyncio.sleep(0)
    await publish([("all", "queue", "")])
    await first
    await publish([("all", "queue", str(n)) for n in range(MOST_UNREAD * 3)])
    await asyncio.sleep(0.3)
    assert RESYNC in await asyncio.wait_for(anext(slow), 1)


async def test_a_cut_subscription_is_noticed(live: Live, valkey: Redis, publish: Publisher) -> None:
    olga = Listener(live, "all")
    await asyncio.sleep(0)
    await valkey.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await olga.until(RESYNC)
    await publish([("all", "queue", "")])
    await olga.until(Notice(name="queue"))


async def test_valkey_may_go_and_come_back(live: Live, stack: Stack) -> None:
    olga = Listener(live, "all")
    await asyncio.sleep(0)
    assert stack.valkey.process.popen
    stack.valkey.process.popen.kill()
    stack.valkey.process.popen.wait()
    stack.valkey.bring_back()
    await olga.until(RESYNC)


async def test_a_reader_that_leaves_is_forgotten(live: Live) -> None:
    olga = Listener(live, "person:olga", "all")
    await asyncio.sleep(0)
    assert live.readers == 1
    olga.task.cancel()
    await asyncio.gather(olga.task, return_exceptions=True)
    assert (live.readers, live._streams) == (0, {})


async def test_streams_end_when_the_process_stops(live: Live) -> None:
    olga = Listener(live, "all")
    await asyncio.sleep(0)
    live.close()
    await asyncio.wait_for(olga.task, 1)


def test_a_notice_is_an_event() -> None:
    assert to_event(Notice(name="call", id="42")) == 'event: pult:call\ndata: {"id": "42"}\n\n'
    assert to_event(PING).startswith('event: ping\ndata: {"now": ')
