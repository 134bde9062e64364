"""Robots over the public API: operators who listen to their live stream, citizens who phone in."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.wire import Answer, Refused, Wire

NOT_YET, BUSY = 404, 503
API = "/api/v1"
SIGN_EVERY = 5.0
FIGURES_CHANGE, FIGURES_EVERY = ("pult:queue", "pult:calls", "pult:desk"), 5.0
AS_HTMX = {"HX-Request": "true"}
OFFER = {"kind": "offer", "attempt": "1", "body": {"type": "offer", "sdp": "v=0"}}


@dataclass
class Timings:
    """Milliseconds of each call: arrival → offer on the operator's stream, «ПРИНЯТЬ» → taken, answer → talking,
    hold → music, finish → saved."""

    offer: list[float] = field(default_factory=list)
    accept: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    hold: list[float] = field(default_factory=list)
    finish: list[float] = field(default_factory=list)


class Centre:
    """What robots share: when each call arrived, what was measured, how many were served."""

    def __init__(self, url: str, reason: str, dialled: str, talk: float = 0.0) -> None:
        self.url, self.reason, self.dialled, self.talk = url, reason, dialled, talk
        self.arrived: dict[str, float] = {}
        self.served: asyncio.Queue[str] = asyncio.Queue()
        self.looks: Counter[int] = Counter()
        self.not_now = 0
        self.timings = Timings()
        self._citizens = Wire(url, {})
        self._living: set[asyncio.Task[None]] = set()

    async def phone_in(self, nth: int) -> None:
        """One citizen, from an address and a number of his own."""
        begun = time.perf_counter()
        headers = {
            "Idempotency-Key": str(uuid4()),
            "X-Forwarded-For": f"10.{nth >> 16 & 255}.{nth >> 8 & 255}.{nth & 255}",
        }
        form = {"number": f"+7916{nth:07d}", "dialled": self.dialled}
        while (answer := await self._citizens.ask("POST", f"{API}/line/calls", form, headers)).status == BUSY:
            self.not_now += 1
            await asyncio.sleep(0.2)
        call = answer.good()
        self.arrived[call["call_id"]] = begun
        living = asyncio.create_task(self._wait(call["leg_id"], call["token"]))
        self._living.add(living)
        living.add_done_callback(self._living.discard)

    async def _wait(self, leg: str, token: str) -> None:
        """A citizen's page asks for its leg until the end; one that is silent is taken for gone."""
        state, headers = "", {"Authorization": f"Bearer {token}"}
        while state != "ended":
            await asyncio.sleep(SIGN_EVERY)
            try:
                answer = await self._citizens.ask("GET", f"{API}/line/legs/{leg}", headers=headers)
            except (ConnectionError, asyncio.IncompleteReadError):  # the run is over
                return
            state = state if answer.status == BUSY else answer.good()["state"]


class Operator:
    """One employee at a desk: hears rings on the live stream, answers, holds, resumes, hangs up, finishes."""

    def __init__(self, centre: Centre, token: str, cookie: dict[str, str]) -> None:
        self.centre = centre
        self.http = Wire(centre.url, {"Authorization": f"Bearer {token}"})
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookie.items())
        self.live = self.window()
        self.phone = str(uuid4())
        self.calls: set[str] = set()
        self.legs: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
        self.known_legs: set[str] = set()
        self.stirred, self.changed = asyncio.Event(), asyncio.Event()

    def window(self) -> Wire:
        """Return one more window of the operator's browser."""
        return Wire(self.centre.url, {"Cookie": self._cookie})

    async def work(self) -> None:
        """Serve call after call until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_the_lease())
            await self._renew()
            await self._insist("PUT", "/desk/state", {"status": "incoming"})
            while True:
                await self._serve(*await self.legs.get())

    async def _serve(self, leg: str, heard_at: float) -> None:
        timings = self.centre.timings
        found = await self._leg(leg)
        if found["state"] != "ringing":
            return
        call = found["call_id"]
        while call not in self.centre.arrived:  # the citizen's own answer may come after the ring
            await asyncio.sleep(0.001)
        timings.offer.append((heard_at - self.centre.arrived[call]) * 1000)
        begun = time.perf_counter()
        self.stirred.clear()
        await self._insist("POST", f"/line/legs/{leg}/answer", OFFER)
        timings.accept.append((time.perf_counter() - begun) * 1000)
        await self._hears_that(call, "talking")
        timings.answer.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        await self._insist("PUT", f"/calls/{call}/hold")
        timings.hold.append((time.perf_counter() - begun) * 1000)
        await self._talk(leg)
        await self._insist("DELETE", f"/calls/{call}/hold")
        await self._insist("DELETE", f"/calls/{call}/talk")
        assert await self._stage_of(call) == "post_processing"
        begun = time.perf_counter()
        form = {"key": str(uuid4()), "reasons": [self.centre.reason], "comment": "робот"}
        await self._insist("POST", f"/calls/{call}/completion", form)
        timings.finish.append((time.perf_counter() - begun) * 1000)
        self.centre.served.put_nowait(call)

    async def _talk(self, leg: str) -> None:
        """The page of a talk asks for its leg, too."""
        until = time.perf_counter() + self.centre.talk
        while (left := until - time.perf_counter()) > 0:
            await asyncio.sleep(min(left, SIGN_EVERY))
            await self._insist("GET", f"/line/legs/{leg}")

    async def _leg(self, leg: str) -> Any:
        """Ask until the leg is there: the offer is taken a moment before the exchange rings."""
        while (found := await self._ask("GET", f"/line/legs/{leg}")).status == NOT_YET:
            await asyncio.sleep(0.005)
        return found.good()

    async def _insist(self, method: str, path: str, body: Any = None, pause: float = 0.2) -> Any:
        """As the page does: the same key until it is saved."""
        while (answer := await self._ask(method, path, body)).status == BUSY:
            self.centre.not_now += 1
            await asyncio.sleep(pause)
        return answer.good()

    async def _listen(self) -> None:
        """Listen over every break, as a page does."""
        while True:
            with suppress(Refused, ConnectionError, asyncio.IncompleteReadError):
                await self._hear()
            self.centre.not_now += 1
            await asyncio.sleep(0.5)

    async def _hear(self) -> None:
        """A call and its leg are told under the same name: whatever is no call of ours is a leg."""
        async for name, told in self.live.listen("/live"):
            if name == "pult:call":
                self.calls.add(told["id"])
                self.stirred.set()
            elif name == "pult:leg" and told["id"] not in self.calls:
                self._heard(told["id"])
            elif name in FIGURES_CHANGE:
                self.changed.set()

    def _heard(self, leg: str) -> None:
        if leg not in self.known_legs:
            self.known_legs.add(leg)
            self.legs.put_nowait((leg, time.perf_counter()))

    async def watch_the_day(self) -> None:
        """As «Главная» does: its figures are asked for again when something changed, at most once in five seconds."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            self.centre.looks.update([(await self.live.ask("GET", "/home/figures", headers=AS_HTMX)).status])
            await asyncio.sleep(FIGURES_EVERY)

    async def _keep_the_lease(self) -> None:
        while True:
            await asyncio.sleep(4)
            if leg := (await self._renew())["leg_id"]:
                self._heard(leg)

    async def _renew(self) -> dict[str, Any]:
        presence: dict[str, Any] = await self._insist("POST", "/desk/presence", {"phone_id": self.phone}, pause=1)
        return presence

    async def _hears_that(self, call: str, stage: str) -> None:
        """As the page does: it asks when it hears that the call has changed, and after a silence."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stirred.wait(), 1)
            self.stirred.clear()
            if await self._stage_of(call) == stage:
                return

    async def _stage_of(self, call: str) -> Any:
        return (await self._ask("GET", f"/calls/{call}")).good()["stage"]

    async def _ask(self, method: str, path: str, body: Any = None) -> Answer:
        return await self.http.ask(method, API + path, body)
