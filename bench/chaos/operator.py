"""The operator's robot: hears rings on its live stream, answers, holds, hangs up, finishes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from bench.chaos.log import Entry, Log
from bench.chaos.robots import Plan, Robot, Scene, Where

ANSWER_LIVE, SILENCE = 6.0, 10.0
RENEW_EVERY, LOOK_EVERY = 4.0, 1.0
SIGNAL = {"kind": "offer", "attempt": "1", "body": {"type": "offer", "sdp": "v=0"}}
STIRS = {f"event: pult:{name}" for name in ("leg", "call", "desk", "resync")}


class Operator(Robot):
    """One employee at a desk."""

    def __init__(self, name: str, url: str, log: Log, token: str, cookie: dict[str, str]) -> None:
        super().__init__(name, url, log, {"Authorization": f"Bearer {token}"})
        self.live = httpx.AsyncClient(base_url=url, cookies=cookie, timeout=httpx.Timeout(ANSWER_LIVE, read=SILENCE))
        self.phone, self.reason, self.employee = str(uuid4()), "", ""
        self.scene = Scene()
        self.random = Random(name)
        self.served: asyncio.Event = asyncio.Event()
        self.is_busy = False
        self._stirred = asyncio.Event()
        self._last_leg = ""

    async def work(self) -> None:
        """Serve call after call until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_the_lease())
            await self.renew()
            await self.go("incoming")
            while True:
                leg = await self._ring()
                self.is_busy = True
                await self._serve(leg)
                self.is_busy = False

    async def go(self, status: str) -> Entry:
        return await self.act("goes", "", "PUT", "/desk/state", json={"status": status}, more={"to": status})

    # --- one call

    async def _serve(self, leg: str) -> None:
        call = await self._call_of(leg)
        if call is None:
            return
        scene = self.scene
        plan = await scene.plan_of(call)
        self.log.note(self.name, "rings", call, leg=leg)
        if plan.is_ignored:
            plan.is_ignored, plan.is_reached = False, True
            await self._let_ring(leg, call)
            return
        await scene.reach(plan, Where.RINGING)
        async with self._page_of(leg):
            if not await self._answer(leg, call):
                return
            await self._talk(call, plan)
        if (await self._until(call, "post_processing")) == "post_processing":
            await scene.reach(plan, Where.POST_PROCESSING)
            await self._finish(call)

    async def _call_of(self, leg: str) -> str | None:
        """Ask until the leg is there: the offer is taken a moment before the exchange rings."""
        for _ in range(100):
            if seen := await self.see(f"/line/legs/{leg}"):
                return str(seen["call_id"])
            await asyncio.sleep(0.05)
        return None

    async def _let_ring(self, leg: str, call: str) -> None:
        self.log.note(self.name, "ignores", call, leg=leg)
        while (await self.see(f"/line/legs/{leg}")).get("state") == "ringing":
            await asyncio.sleep(0.5)
        await self.act("answers_late", call, "POST", f"/line/legs/{leg}/answer", json=SIGNAL, more={"leg": leg})

    async def _answer(self, leg: str, call: str) -> bool:
        """Twice at once, as by a double click; either may come first, the other is a repeat."""
        order = ("POST", f"/line/legs/{leg}/answer")
        both = (self.act("answers", call, *order, json=SIGNAL, more={"leg": leg}) for _ in range(2))
        return any(entry.is_acknowledged for entry in await asyncio.gather(*both))

    async def _talk(self, call: str, plan: Plan) -> None:
        stage = await self._until(call, "talking")
        if stage != "talking":
            return
        if plan.where is Where.HELD and not plan.is_reached:
            held = await self.act("holds", call, "PUT", f"/calls/{call}/hold", headers=new_key())
            await self.scene.reach(plan, Where.HELD)
            if held.is_acknowledged and not plan.citizen_ends:
                await self.act("resumes", call, "DELETE", f"/calls/{call}/hold", headers=new_key())
        await self.scene.reach(plan, Where.TALKING)
        if not plan.citizen_ends:  # else it might be in time
            await self._try_to_finish(call, "too_early")
        if plan.citizen_ends and plan.where in (Where.TALKING, Where.HELD, Where.POST_PROCESSING):
            await self._until(call, "post_processing")
        else:
            await self.act("hangs_up", call, "DELETE", f"/calls/{call}/talk")

    async def _finish(self, call: str) -> None:
        """Three times at once under one key, then once more under another."""
        key, comment = str(uuid4()), f"{self.name} {uuid4()}"
        form = {"key": key, "reasons": [self.reason], "comment": comment}
        order = ("POST", f"/calls/{call}/completion")
        more = {"key": key, "comment": comment}
        copies = (self.act("finishes", call, *order, json=form, more=more) for _ in range(3))
        await asyncio.gather(*copies)
        self.served.set()
        await self._try_to_finish(call, "finishes_again")

    async def _try_to_finish(self, call: str, does: str) -> None:
        """What must be refused: a finish in mid-talk, a second one, one of a stranger's call."""
        form = {"key": str(uuid4()), "reasons": [self.reason], "comment": "нельзя"}
        await self.act(does, call, "POST", f"/calls/{call}/completion", json=form)

    async def _until(self, call: str, *stages: str) -> str:
        """Wait for one of the stages, or for an end; return the stage."""
        ends = {"finished", "abandoned", "failed", "rejected", "voicemail", "callback", "post_processing"}
        while True:
            self._stirred.clear()
            stage = (await self.see(f"/calls/{call}")).get("stage", "unknown")
            if stage in stages or stage in ends:
                return str(stage)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), LOOK_EVERY)

    @asynccontextmanager
    async def _page_of(self, leg: str) -> AsyncIterator[None]:
        """The operator's page asks for its leg while it talks: its sign of life."""

        async def ask() -> None:
            while (await self.see(f"/line/legs/{leg}")).get("state") != "ended":
                await asyncio.sleep(2.0)

        page = asyncio.create_task(ask())
        try:
            yield
        finally:
            page.cancel()

    # --- the telephone

    async def _ring(self) -> str:
        while True:
            self._stirred.clear()
            leg = (await self.renew()).get("leg_id")
            if leg and leg != self._last_leg:
                self._last_leg = leg
                return str(leg)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), RENEW_EVERY)

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

    async def _keep_the_lease(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await self.renew()

    async def renew(self, take_over: bool = False, phone: str = "") -> dict[str, Any]:
        """Renew the lease; note each change of who holds the phone."""
        begun = time.time()
        form = {"phone_id": phone or self.phone, "take_over": take_over}
        answer = await self.ask("POST", "/desk/presence", json=form)
        if answer is None or answer.status_code != httpx.codes.OK:
            return {}
        said: dict[str, Any] = answer.json()
        more = {name: said[name] for name in ("held", "fencing")} | {"phone": form["phone_id"]}
        self.log.note(self.name, "renews", begun=begun, status=answer.status_code, **more)
        return said

    async def close(self) -> None:
        await self.live.aclose()
        await super().close()


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
