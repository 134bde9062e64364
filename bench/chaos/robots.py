"""Robots that ask until they are answered: what every page of ours does, without a page."""

import asyncio
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx

from bench.chaos.log import Entry, Log

AGAIN = {429, 500, 502, 503, 504}
PAUSE, ANSWER_IN, GIVE_UP = 0.25, 6.0, 90.0
LOOK_EVERY = 0.7
HANG_UPS = ("hangs_up", "citizen_hangs_up")


class Where(StrEnum):
    """The state in which the fault meets a call."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"
    POST_PROCESSING = "post_processing"


IN_TALK = (Where.TALKING, Where.HELD, Where.CONSULTING, Where.POST_PROCESSING)


@dataclass
class Plan:
    """What shall become of one call. `pause`: how long after the release its robots move on.

    The last four are what two colleagues say to each other while the citizen hears music.
    """

    nth: int
    where: Where
    citizen_ends: bool
    pause: float
    is_ignored: bool = False
    is_reached: bool = False
    consulted_by: str = ""
    is_handed: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Scene:
    """What the robots of one scene share: the plans and the citizens by call, and the moment when all move on."""

    plans: dict[str, Plan] = field(default_factory=dict)
    citizens: dict[str, "Citizen"] = field(default_factory=dict)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def plan_of(self, call: str) -> Plan:
        """Return the plan; the citizen's own answer may come after the ring."""
        while call not in self.plans:
            await asyncio.sleep(0.01)
        return self.plans[call]

    async def reach(self, plan: Plan, *states: Where) -> None:
        """Stay in the state until all are released; a call that was held up once goes on at once."""
        if plan.where in states and not plan.is_reached:
            plan.is_reached = True
            await self.released.wait()
            await asyncio.sleep(plan.pause)


class Robot:
    """A client that repeats its request, under the same key, until it is acknowledged or refused."""

    def __init__(self, name: str, url: str, log: Log, headers: dict[str, str] | None = None) -> None:
        self.name, self.log = name, log
        self.http = httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=ANSWER_IN)

    async def ask(self, method: str, path: str, seconds: float = GIVE_UP, **options: Any) -> httpx.Response | None:
        """Return the answer that says yes or no; None when there was none for all the time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = await self.http.request(method, path, **options)
                if answer.status_code not in AGAIN:
                    return answer
                if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                    self.log.note(self.name, "broken", status=500, asked=f"{method} {path}")
            except httpx.TransportError:
                pass
            await asyncio.sleep(PAUSE)
        return None

    async def act(self, does: str, call: str, method: str, path: str, **options: Any) -> Entry:
        """Ask for something that writes, and note what came of it."""
        begun, more = time.time(), options.pop("more", {})
        if does in HANG_UPS:  # it may be done although its answer is never seen
            self.log.note(self.name, "wants_to_hang_up", call)
        answer = await self.ask(method, path, **options)
        status = 0 if answer is None else answer.status_code
        said = answer.json() if answer is not None and answer.content else {}
        return self.log.note(self.name, does, call, begun=begun, status=status, said=said, **more)

    async def see(self, path: str) -> dict[str, Any]:
        """Ask for something that only reads."""
        answer = await self.ask("GET", path)
        if answer is None or answer.status_code != httpx.codes.OK:
            return {}
        seen: dict[str, Any] = answer.json()
        return seen

    async def close(self) -> None:
        await self.http.aclose()


class Citizen(Robot):
    """Phones in, keeps the page open, hangs up or is hung up."""

    def __init__(self, url: str, log: Log, plan: Plan, dialled: str) -> None:
        nth = plan.nth
        address = f"10.{nth >> 16 & 255}.{nth >> 8 & 255}.{nth & 255}"
        super().__init__(f"citizen-{nth}", url, log, {"X-Forwarded-For": address})
        self.plan, self.dialled = plan, dialled
        self.call = self.leg = ""

    async def live(self, scene: Scene) -> None:
        """One call from the first ring to its end, as the citizen's page sees it."""
        if not await self.phone_in(scene):
            return
        signalled = asyncio.create_task(self.leave(scene))
        try:
            await self.watch()
        finally:
            signalled.cancel()
            await self.close()

    async def phone_in(self, scene: Scene) -> bool:
        key, form = str(uuid4()), {"number": f"+7916{self.plan.nth:07d}", "dialled": self.dialled}
        arrived = await self.act(
            "arrives", "", "POST", "/line/calls", json=form, headers={"Idempotency-Key": key}, more={"key": key}
        )
        if not arrived.is_acknowledged:
            return False
        said = arrived.more["said"]
        self.call, self.leg = said["call_id"], said["leg_id"]
        self.http.headers["Authorization"] = f"Bearer {said['token']}"
        self.http.cookies.clear()
        scene.plans[self.call], scene.citizens[self.call] = self.plan, self
        self.log.note(self.name, "has_call", self.call, leg=self.leg, where=self.plan.where)
        return True

    async def leave(self, scene: Scene) -> None:
        """Hang up in the state that the plan names; one who waits may be served instead."""
        plan = self.plan
        if plan.where is Where.WAITING:
            await scene.reach(plan, Where.WAITING)
        if not plan.citizen_ends:
            return
        await scene.released.wait() if plan.where is not Where.POST_PROCESSING else await asyncio.sleep(0)
        if plan.where in IN_TALK:
            await self.until_talking()
        if plan.where is not Where.POST_PROCESSING:
            await asyncio.sleep(plan.pause)
        await self.act("citizen_hangs_up", self.call, "DELETE", f"/line/legs/{self.leg}")

    async def hear_nothing(self) -> None:
        """The page's own watch: no sound has come for a second."""
        await self.act("hears_nothing", self.call, "POST", f"/line/legs/{self.leg}/lost")

    async def until_talking(self) -> None:
        while (await self.see(f"/line/legs/{self.leg}")).get("state") not in ("talking", "held", "ended"):
            await asyncio.sleep(0.5)

    async def watch(self) -> None:
        """Ask for the leg, which is the page's sign of life, and note each of its states."""
        state = ""
        while state != "ended":
            seen = await self.see(f"/line/legs/{self.leg}")
            if seen.get("state", "gone") != state:
                state = seen.get("state", "gone")
                self.log.note(self.name, "leg", self.call, state=state, by=seen.get("ended_by"))
            if state == "gone":
                return
            await asyncio.sleep(LOOK_EVERY)
