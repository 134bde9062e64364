"""One fault among calls in every state: set up, strike, let everybody move on, wait until all is quiet."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from bench.chaos.centre import Centre
from bench.chaos.faults import Fault
from bench.chaos.log import Log
from bench.chaos.machine import Machine
from bench.chaos.operator import Operator
from bench.chaos.robots import Citizen, Plan, Scene, Where

AT_A_DESK = (Where.CONSULTING, Where.POST_PROCESSING, Where.HELD, Where.TALKING, Where.RINGING)
REACHED_IN, QUIET_IN = 60.0, 90.0
STRIKE_WITHIN = 1.0


@dataclass(frozen=True)
class Size:
    """How much happens: calls in each state at the moment of each fault, how long things freeze, and the rest."""

    per_state: int
    freeze_seconds: float
    ring_seconds: int
    move_seconds: float


class Stage:
    """Where scene after scene is played: the machine, the desks, the log and the dice."""

    def __init__(self, machine: Machine, centre: Centre, log: Log, random: Random, size: Size) -> None:
        self.machine, self.centre, self.log, self.random, self.size = machine, centre, log, random, size
        self._nth = 0

    async def play(self, fault: Fault) -> None:
        """Bring as many calls into every state, strike, and wait until every call has ended and every desk is free."""
        scene, rescued = Scene(), await self.machine.rescued()
        has_ignored = self.size.per_state > 1 or fault.code == "F1"  # a ring that nobody takes lasts long
        for operator in self.centre.operators:
            operator.scene = scene
        self.log.note("machine", "scene", code=fault.code)
        citizens = await self._fill(scene, has_ignored)
        scene.released.set()
        await asyncio.sleep(self.random.uniform(0, STRIKE_WITHIN))
        await self._strike(fault)
        await self._until_quiet(citizens)
        counted = await self.machine.rescued()
        self.log.note("machine", "rescued", code=fault.code, calls=counted - min(rescued, counted))

    async def _fill(self, scene: Scene, has_ignored: bool) -> list[asyncio.Task[None]]:
        """Two desks consult, so they come first; a ring has its time; who waits comes when every desk is taken."""
        citizens = []
        for where in (*AT_A_DESK, Where.WAITING):
            plans = [self._plan(where) for _ in range(self.size.per_state)]
            plans[0].is_ignored = has_ignored and where is Where.RINGING
            for plan in plans:
                citizen = Citizen(self.centre.url, self.log, plan, self.centre.dialled)
                citizens.append(asyncio.create_task(citizen.live(scene)))
                await asyncio.sleep(0.02)
            await self._until(partial(are_reached, plans), REACHED_IN, f"not all {where}")
        return citizens

    def _plan(self, where: Where) -> Plan:
        self._nth += 1
        return Plan(
            nth=self._nth,
            where=where,
            citizen_ends=self.random.random() < 0.5,
            pause=self.random.uniform(0, self.size.move_seconds),
        )

    async def _strike(self, fault: Fault) -> None:
        self.log.note("machine", "fault", code=fault.code)
        await fault.inflict(self.machine, self.centre.operators, self.random)
        self.log.note("machine", "undone", code=fault.code)
        if not await self.machine.is_back():
            self.log.note("machine", "stuck", what="not ready")
        self.log.note("machine", "ready", code=fault.code)

    async def _until_quiet(self, citizens: list[asyncio.Task[None]]) -> None:
        _, left = await asyncio.wait(citizens, timeout=QUIET_IN)
        if left:
            self.log.note("machine", "stuck", what=f"{len(left)} citizens")
        # A process may hear late that its citizen has gone, and offer the call meanwhile.
        deadline = time.monotonic() + QUIET_IN
        while any([await self._is_busy(one) for one in self.centre.operators]):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.2)
        for one in self.centre.operators:
            desk = await one.see("/desk")
            self.log.note(one.name, "desk", status=200, at_call=desk.get("call_id"), state=desk.get("status"))

    async def _is_busy(self, operator: Operator) -> bool:
        return operator.is_busy or (await operator.see("/desk")).get("call_id") is not None

    async def _until(self, holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                self.log.note("machine", "stuck", what=otherwise)
                return
            await asyncio.sleep(0.05)


def are_reached(plans: Sequence[Plan]) -> bool:
    return all(plan.is_reached for plan in plans)
