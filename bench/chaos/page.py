"""The page of an operator's robot: it holds the telephone, hears the live stream, and may vanish without a word."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from bench.chaos.log import Log
from bench.chaos.robots import ANSWER_IN, Robot, Scene

SILENCE = 10.0
RENEW_EVERY, LOOK_EVERY = 4.0, 1.0
STIRS = {f"event: pult:{name}" for name in ("leg", "call", "desk", "resync")}


@dataclass(frozen=True)
class Departure:
    """How a page goes. `says_so`: its last word reaches us; `is_second`: another device takes the telephone."""

    seconds: float
    says_so: bool = False
    is_second: bool = False


class Page(Robot, ABC):
    """One page after another of one employee; each of them is a telephone of its own."""

    def __init__(self, name: str, url: str, log: Log, token: str, cookie: dict[str, str]) -> None:
        super().__init__(name, url, log, {"Authorization": f"Bearer {token}"})
        self.live = httpx.AsyncClient(base_url=url, cookies=cookie, timeout=httpx.Timeout(ANSWER_IN, read=SILENCE))
        self.scene = Scene()
        self.phone = str(uuid4())
        self.call = self.leg = ""
        self.is_talking = False
        self._departure: Departure | None = None
        self._leaves = asyncio.Event()
        self._stirred = asyncio.Event()
        self._last_leg = ""

    async def work(self) -> None:
        """Be at work until cancelled; a page that vanishes is followed by the next one."""
        while True:
            page, leaves = asyncio.create_task(self._open()), asyncio.create_task(self._leaves.wait())
            try:
                await asyncio.wait((page, leaves), return_when=asyncio.FIRST_COMPLETED)
            finally:
                page.cancel()
                leaves.cancel()
                ended = await asyncio.gather(page, leaves, return_exceptions=True)
            if self._departure is None:
                self.log.note(self.name, "stuck", what=repr(ended[0]))
                return
            departure, self._departure = self._departure, None
            self._leaves.clear()
            await self._be_away(departure)

    def vanish(self, departure: Departure) -> None:
        """Go in the middle of whatever is done."""
        self._departure = departure
        self._leaves.set()

    @abstractmethod
    async def serve(self) -> None:
        """What is done on an open page."""

    async def _open(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_the_lease())
            await self.renew(self.phone, take_over=True)
            await self.serve()

    async def _be_away(self, departure: Departure) -> None:
        gone_at, old, self.phone = time.monotonic(), self.phone, str(uuid4())
        self.log.note(self.name, "vanishes", self.call, talking=self.is_talking, second=departure.is_second)
        if departure.is_second:
            await self.renew(self.phone, take_over=True)
            await self.renew(old)  # the first device does not know yet, and is told
        elif self.is_talking and departure.says_so:
            await self.act("says_goodbye", self.call, "POST", f"/line/legs/{self.leg}/lost")
        elif self.is_talking and (citizen := self.scene.citizens.get(self.call)):
            await asyncio.sleep(1)  # so long its page takes to be sure that nothing comes
            await citizen.hear_nothing()
        await asyncio.sleep(max(0, gone_at + departure.seconds - time.monotonic()))
        self._last_leg = ""

    # --- the telephone

    async def ring(self) -> str:
        """Wait for the next ring; return its leg."""
        while True:
            self._stirred.clear()
            leg = (await self.renew(self.phone)).get("leg_id")
            if leg and leg != self._last_leg:
                self._last_leg = leg
                return str(leg)
            await self.stir(RENEW_EVERY)

    async def stir(self, seconds: float) -> None:
        """Wait until the stream says that something has changed, but not for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)

    async def until(self, call: str, *stages: str) -> str:
        """Wait until the desk is in one of the stages of this call, or in it no more; return the stage."""
        while True:
            self._stirred.clear()
            desk = await self.see("/desk")
            stage = str(desk["call_stage"]) if desk and desk["call_id"] == call else "gone"
            if desk and (stage in stages or stage in ("gone", "post_processing")):
                return stage
            await self.stir(LOOK_EVERY)

    @asynccontextmanager
    async def in_talk(self, leg: str, call: str) -> AsyncIterator[None]:
        """The page asks for its leg while it talks: its sign of life."""

        async def ask() -> None:
            while (await self.see(f"/line/legs/{leg}")).get("state") != "ended":
                await asyncio.sleep(2.0)

        signs = asyncio.create_task(ask())
        self.leg, self.call = leg, call
        try:
            yield
            self.is_talking = False
        finally:
            signs.cancel()

    async def renew(self, phone: str, take_over: bool = False) -> dict[str, Any]:
        """Renew the lease, and note who holds the telephone."""
        begun, form = time.time(), {"phone_id": phone, "take_over": take_over}
        answer = await self.ask("POST", "/desk/presence", json=form)
        if answer is None or answer.status_code != httpx.codes.OK:
            return {}
        said: dict[str, Any] = answer.json()
        more = {name: said[name] for name in ("held", "fencing")} | {"phone": phone}
        self.log.note(self.name, "renews", begun=begun, status=answer.status_code, **more)
        return said

    async def _keep_the_lease(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await self.renew(self.phone)

    async def _listen(self) -> None:
        """Follow the live stream; after a silence of ten seconds, or a break, call it up again."""
        while True:
            with suppress(httpx.TransportError):
                async with self.live.stream("GET", "/live") as stream:
                    self._stirred.set()
                    async for line in stream.aiter_lines():
                        if line in STIRS:
                            self._stirred.set()
            await asyncio.sleep(0.5)

    async def close(self) -> None:
        await self.live.aclose()
        await super().close()
