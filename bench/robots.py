"""Robots over the public API: operators who listen to their live stream, citizens who phone in."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

NOT_YET, BUSY = 404, 503
OFFER = {"kind": "offer", "attempt": "1", "body": {"type": "offer", "sdp": "v=0"}}


@dataclass
class Timings:
    """Milliseconds of each call: arrival → offer on the operator's stream, answer → talking, finish → saved."""

    offer: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    finish: list[float] = field(default_factory=list)


class Centre:
    """What robots share: when each call arrived, what was measured, how many were served."""

    def __init__(self, url: str, reason: str, dialled: str) -> None:
        self.url, self.reason, self.dialled = url, reason, dialled
        self.arrived: dict[str, float] = {}
        self.served: asyncio.Queue[str] = asyncio.Queue()
        self.timings = Timings()
        self._citizens = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20)

    async def phone_in(self, nth: int) -> None:
        """One citizen, from an address and a number of his own."""
        begun = time.perf_counter()
        headers = {
            "Idempotency-Key": str(uuid4()),
            "X-Forwarded-For": f"10.{nth >> 16 & 255}.{nth >> 8 & 255}.{nth & 255}",
        }
        form = {"number": f"+7916{nth:07d}", "dialled": self.dialled}
        answer = await self._citizens.post("/line/calls", json=form, headers=headers)
        self.arrived[answer.raise_for_status().json()["call_id"]] = begun


class Operator:
    """One employee at a desk: hears rings on the live stream, answers, hangs up, finishes."""

    def __init__(self, centre: Centre, token: str, cookie: dict[str, str]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.centre = centre
        self.http = httpx.AsyncClient(base_url=f"{centre.url}/api/v1", headers=headers, timeout=20)
        self.live = httpx.AsyncClient(base_url=centre.url, cookies=cookie, timeout=20)
        self.phone = str(uuid4())
        self.stirred = asyncio.Event()
        self.stirred_at = 0.0
        self.last_leg = ""

    async def work(self) -> None:
        """Serve call after call until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_the_lease())
            await self._renew()
            (await self.http.put("/desk/state", json={"status": "incoming"})).raise_for_status()
            while True:
                leg, heard_at = await self._ring()
                await self._serve(leg, heard_at)

    async def _serve(self, leg: str, heard_at: float) -> None:
        timings = self.centre.timings
        call = await self._call_of(leg)
        while call not in self.centre.arrived:  # the citizen's own answer may come after the ring
            await asyncio.sleep(0.001)
        timings.offer.append((heard_at - self.centre.arrived[call]) * 1000)
        begun = time.perf_counter()
        (await self.http.post(f"/line/legs/{leg}/answer", json=OFFER)).raise_for_status()
        await self._reaches(call, "talking")
        timings.answer.append((time.perf_counter() - begun) * 1000)
        while (hung_up := await self.http.delete(f"/calls/{call}/talk")).status_code == BUSY:
            await asyncio.sleep(0.2)
        hung_up.raise_for_status()
        await self._reaches(call, "post_processing")
        begun = time.perf_counter()
        form = {"key": str(uuid4()), "reasons": [self.centre.reason], "comment": "робот"}
        while (saved := await self.http.post(f"/calls/{call}/completion", json=form)).status_code == BUSY:
            await asyncio.sleep(0.2)  # as the page does: the same key until it is saved
        saved.raise_for_status()
        timings.finish.append((time.perf_counter() - begun) * 1000)
        self.centre.served.put_nowait(call)

    async def _call_of(self, leg: str) -> str:
        """Ask until the leg is there: the offer is taken a moment before the exchange rings."""
        while (found := await self.http.get(f"/line/legs/{leg}")).status_code == NOT_YET:
            await asyncio.sleep(0.005)
        call: str = found.raise_for_status().json()["call_id"]
        return call

    async def _ring(self) -> tuple[str, float]:
        """Wait for the next ring; return the operator's leg and when the stream spoke of it."""
        while True:
            self.stirred.clear()
            leg = (await self._renew())["leg_id"]
            if leg and leg != self.last_leg:
                self.last_leg = leg
                return leg, self.stirred_at or time.perf_counter()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stirred.wait(), 4)

    async def _listen(self) -> None:
        async with self.live.stream("GET", "/live", timeout=None) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line in ("event: pult:leg", "event: pult:call"):
                    self.stirred_at = time.perf_counter()
                    self.stirred.set()

    async def _keep_the_lease(self) -> None:
        while True:
            await asyncio.sleep(4)
            await self._renew()

    async def _renew(self) -> dict[str, Any]:
        answer = await self.http.post("/desk/presence", json={"phone_id": self.phone})
        presence: dict[str, Any] = answer.raise_for_status().json()
        return presence

    async def _reaches(self, call: str, stage: str) -> None:
        while True:
            self.stirred.clear()
            if (await self.http.get(f"/calls/{call}")).raise_for_status().json()["stage"] == stage:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stirred.wait(), 1)
