"""The operator's robot: answers, holds, hangs up, finishes, and tries what must be refused."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Any
from uuid import uuid4

from bench.chaos.log import Entry
from bench.chaos.page import Page
from bench.chaos.robots import IN_TALK, Plan, Where

PATIENCE = 25.0
"""Seconds that a colleague is rung, and a little more."""


def signal(attempt: int) -> dict[str, Any]:
    """Return an offer of voice, as a browser makes it."""
    return {"kind": "offer", "attempt": str(attempt), "body": {"type": "offer", "sdp": "v=0"}}


class Operator(Page):
    """One employee at a desk, call after call."""

    reason = ""
    is_busy = False
    attempts = 1
    random = Random(0)

    async def serve(self) -> None:
        """Go on with the call that the desk has, then take the next ones."""
        await self._resume()
        while True:
            self.is_busy = False
            leg = await self.ring()
            self.is_busy = True
            await self._serve(leg)

    async def _resume(self) -> None:
        desk = await self.see("/desk")
        if desk.get("call_id") is None:
            await self.act("goes", "", "PUT", "/desk/state", json={"status": "incoming"})
        elif desk["call_stage"] not in ("waiting", "ringing"):
            await self._return(desk["call_id"], desk["call_stage"])

    async def _return(self, call: str, stage: str) -> None:
        """A page that is back in the middle of a talk makes its voice anew."""
        if stage == "talking":
            self.attempts += 1
            async with self.in_talk(self.leg, call):
                await self.see(f"/line/legs/{self.leg}")
                await self.act("returns", call, "POST", f"/line/legs/{self.leg}/signals", json=signal(self.attempts))
                self.is_talking = True
                await self._hang_up(call)
        if await self.until(call, "post_processing") == "post_processing":
            await self._finish(call)

    @property
    def is_consulting(self) -> bool:
        plan = self.scene.plans.get(self.call)
        return plan is not None and plan.where is Where.CONSULTING

    # --- one call

    async def _serve(self, leg: str) -> None:
        call = await self._call_of(leg)
        if call is None:
            return
        plan = await self.scene.plan_of(call)
        self.log.note(self.name, "rings", call, leg=leg)
        if plan.is_ignored:
            plan.is_ignored, plan.is_reached = False, True
            await self._let_ring(leg, call)
            return
        await self.scene.reach(plan, Where.RINGING)
        async with self.in_talk(leg, call):
            if not await self._answer(leg, call):
                return
            if plan.consulted_by not in ("", self.name):
                await self._be_consulted(call, plan)
            else:
                await self._talk(call, plan)
        if await self.until(call, "post_processing") == "post_processing":
            await self.scene.reach(plan, Where.POST_PROCESSING)
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
        await self.act("answers_late", call, "POST", f"/line/legs/{leg}/answer", json=signal(1), more={"leg": leg})

    async def _answer(self, leg: str, call: str) -> bool:
        """Twice at once, as by a double click; either may come first, the other is a repeat."""
        order = ("POST", f"/line/legs/{leg}/answer")
        both = (self.act("answers", call, *order, json=signal(1), more={"leg": leg}) for _ in range(2))
        return any(entry.is_acknowledged for entry in await asyncio.gather(*both))

    async def _talk(self, call: str, plan: Plan) -> None:
        if await self.until(call, "talking") != "talking":
            return
        if plan.where is Where.HELD and not plan.is_reached:
            await self._hold(call, plan)
        if plan.where is Where.CONSULTING and not plan.is_reached:
            await self._consult(call, plan)
        if plan.is_handed:
            return
        self.is_talking = True
        await self.scene.reach(plan, Where.TALKING)
        if plan.citizen_ends and plan.where in IN_TALK:
            await self.until(call, "post_processing")
        else:
            if not plan.citizen_ends:  # else it might be in time
                await self._try_to_finish(call, "too_early")
            await self._hang_up(call)

    async def _hold(self, call: str, plan: Plan) -> None:
        held = await self.act("holds", call, "PUT", f"/calls/{call}/hold", headers=new_key())
        await self.scene.reach(plan, Where.HELD)
        if held.is_acknowledged and not plan.citizen_ends:
            await self.act("resumes", call, "DELETE", f"/calls/{call}/hold", headers=new_key())

    async def _consult(self, call: str, plan: Plan) -> None:
        """Ask a free colleague, and give him the citizen in half of the cases."""
        plan.consulted_by, path = self.name, f"/calls/{call}/transfer"
        if await self._ask_colleague(call, path):
            with suppress(TimeoutError):
                await asyncio.wait_for(plan.answered.wait(), PATIENCE)
            await self.scene.reach(plan, Where.CONSULTING)
            order = ("POST", f"{path}/completion") if plan.nth % 2 else ("DELETE", path)
            done = await self.act("completes" if plan.nth % 2 else "takes_back", call, *order, headers=new_key())
            plan.is_handed = done.is_acknowledged and bool(plan.nth % 2)
        plan.settled.set()
        await self.scene.reach(plan, Where.CONSULTING)

    async def _ask_colleague(self, call: str, path: str) -> bool:
        """Several may choose the same colleague: the others choose again."""
        for _ in range(5):
            free = [one for one in (await self.see("/transfer-targets")).get("colleagues", ()) if one["is_free"]]
            if free:
                form = {"key": str(uuid4()), "desk_id": self.random.choice(free)["desk_id"], "consult": True}
                if (await self.act("consults", call, "POST", path, json=form)).is_acknowledged:
                    return True
        return False

    async def _be_consulted(self, call: str, plan: Plan) -> None:
        """Talk with the colleague; then the citizen is mine, or nothing is."""
        plan.answered.set()
        await plan.settled.wait()
        if plan.is_handed:
            await self._hang_up(call)
        else:
            await self.until(call)

    async def _hang_up(self, call: str) -> Entry:
        return await self.act("hangs_up", call, "DELETE", f"/calls/{call}/talk")

    async def _finish(self, call: str) -> None:
        """Three times at once under one key, then once more under another."""
        key, comment = str(uuid4()), f"{self.name} {uuid4()}"
        form = {"key": key, "reasons": [self.reason], "comment": comment}
        order = ("POST", f"/calls/{call}/completion")
        more = {"key": key, "comment": comment}
        await asyncio.gather(*(self.act("finishes", call, *order, json=form, more=more) for _ in range(3)))
        await self._try_to_finish(call, "finishes_again")

    async def _try_to_finish(self, call: str, does: str) -> None:
        """What must be refused: a finish in mid-talk, a second one."""
        form = {"key": str(uuid4()), "reasons": [self.reason], "comment": "нельзя"}
        await self.act(does, call, "POST", f"/calls/{call}/completion", json=form)


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
