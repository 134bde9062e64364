"""Live notices of one web process: a single subscription to Valkey, spread over the open streams."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Collection, Iterable
from functools import lru_cache

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import RedisError

from schemas.base import Value
from store.live import BUS, EVERYBODY

# A reader that is further behind than this is told to refetch everything instead.
MOST_UNREAD = 200
# Seconds for which what everybody hears (the queue has moved) is gathered: a busy centre would write to each stream
# with every step of every call.
TOGETHER = 0.25
SILENCE = 5.0
LONGEST_PAUSE = 2.0
log = logging.getLogger(__name__)


class Notice(Value):
    """«call 42 changed», or one of our own words: `resync`, `ping`."""

    name: str
    id: str = ""


RESYNC = Notice(name="resync")
PING = Notice(name="ping")


class _Stream:
    """The notices that one reader has yet to read; None ends it."""

    def __init__(self) -> None:
        self.unread: asyncio.Queue[Notice | None] = asyncio.Queue(MOST_UNREAD)
        self.is_behind = False

    def put(self, notice: Notice | None) -> None:
        if self.is_behind and notice is not None:
            return  # the refetch that is still unread covers it
        if notice is RESYNC or self.unread.full():
            while not self.unread.empty():
                self.unread.get_nowait()
            self.is_behind, notice = notice is not None, notice and RESYNC
        self.unread.put_nowait(notice)

    async def next(self, until: float) -> list[Notice | None]:
        """Return all that is unread, or PING when there is nothing until then (the loop's clock)."""
        try:
            async with asyncio.timeout_at(until):
                notices = [await self.unread.get()]
        except TimeoutError:
            return [PING]
        while not self.unread.empty():
            notices.append(self.unread.get_nowait())
        self.is_behind = self.is_behind and RESYNC not in notices
        return notices


class Live:
    """The subscription and its readers; `run` keeps it up for as long as the process lives."""

    def __init__(self, url: str) -> None:
        # A client that would mend a broken subscription silently would lose notices silently.
        self._valkey: Redis = Redis.from_url(
            url, decode_responses=True, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        self._streams: dict[str, set[_Stream]] = {}
        self._open: set[_Stream] = set()
        self._gathered: dict[Notice, None] = {}
        self._is_closed = False

    @property
    def readers(self) -> int:
        """How many streams are open."""
        return len(self._open)

    async def run(self) -> None:
        """Listen until cancelled; after every break all readers are told to refetch."""
        pause = 0.1
        try:
            while True:
                try:
                    async with self._valkey.pubsub() as pubsub:
                        await pubsub.subscribe(BUS)
                        pause = 0.1
                        await self._listen(pubsub)
                except (RedisError, OSError) as error:
                    log.warning("live.subscription_lost", extra={"error": type(error).__name__})
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            await self._valkey.aclose()

    async def subscribe(self, channels: Collection[str], beat: float) -> AsyncIterator[list[Notice]]:
        """Yield the notices of these channels as they come, those that came together at once, and PING every `beat`
        seconds; ends when the process stops."""
        stream = _Stream()
        self._open.add(stream)
        for channel in channels:
            self._streams.setdefault(channel, set()).add(stream)
        try:
            due = asyncio.get_running_loop().time() + beat
            while not self._is_closed:
                notices = await stream.next(due)
                if PING in notices:
                    due += beat
                if None in notices:
                    return
                yield [notice for notice in notices if notice]
        finally:
            self._forget(stream, channels)

    def close(self) -> None:
        """End every stream: the process stops, and an open stream would hold it."""
        self._is_closed = True
        for stream in self._open:
            stream.put(None)

    async def _listen(self, pubsub: PubSub) -> None:
        heard = time.monotonic()
        while True:
            message = await pubsub.get_message(timeout=SILENCE / 2)
            if message is not None:
                heard = time.monotonic()
                self._spread(message)
            elif time.monotonic() - heard > SILENCE:
                raise ValkeyConnectionError("Valkey is silent")
            else:
                await pubsub.ping()

    def _spread(self, message: dict[str, str]) -> None:
        if message["type"] == "subscribe":
            for stream in self._open:  # what was said before is lost
                stream.put(RESYNC)
        elif message["type"] == "message":
            for channel, name, thing in json.loads(message["data"]):
                notice = Notice(name=name, id=thing)
                if channel == EVERYBODY:
                    self._gather(notice)
                else:
                    self._put(channel, notice)

    def _gather(self, notice: Notice) -> None:
        if not self._gathered:
            asyncio.get_running_loop().call_later(TOGETHER, self._tell_everybody)
        self._gathered[notice] = None

    def _tell_everybody(self) -> None:
        gathered, self._gathered = self._gathered, {}
        for notice in gathered:
            self._put(EVERYBODY, notice)

    def _put(self, channel: str, notice: Notice) -> None:
        for stream in self._streams.get(channel, ()):
            stream.put(notice)

    def _forget(self, stream: _Stream, channels: Collection[str]) -> None:
        self._open.discard(stream)
        for channel in channels:
            readers = self._streams.get(channel, set())
            readers.discard(stream)
            if not readers:
                self._streams.pop(channel, None)


def to_event(notice: Notice) -> str:
    """Return the notice as one event of a stream; a ping carries the server's time, for the page's clocks."""
    if notice is PING:
        return f"event: ping\ndata: {json.dumps({'now': time.time_ns() // 1_000_000})}\n\n"
    return _to_event(notice.name, notice.id)


@lru_cache(100)  # one notice goes to many streams
def _to_event(name: str, thing: str) -> str:
    return f"event: pult:{name}\ndata: {json.dumps({'id': thing})}\n\n"


def to_events(notices: Iterable[Notice]) -> str:
    """Return notices as one piece of a stream."""
    return "".join(map(to_event, notices))
