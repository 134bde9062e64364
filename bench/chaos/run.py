"""The whole suite: a machine, a centre, a scene for every fault, the check, the table."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random, randrange

from bench.chaos import journal
from bench.chaos.centre import settle
from bench.chaos.checker import Violation, check
from bench.chaos.faults import Fault, faults
from bench.chaos.log import Log
from bench.chaos.machine import Machine
from bench.chaos.scene import AT_A_DESK, Size, Stage
from bench.chaos.table import Line, lines, show
from bench.whole import settings_of

FULL = Size(per_state=10, freeze_seconds=10, ring_seconds=12, move_seconds=2.5)
QUICK = Size(per_state=1, freeze_seconds=3, ring_seconds=6, move_seconds=1.2)


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    lines: list[Line]
    violations: list[Violation]

    def __str__(self) -> str:
        return f"Зерно: {self.seed}\n\n{show(self.lines, self.violations)}"


@dataclass(frozen=True)
class Suite:
    """What is to be played; `codes` names some faults, none of them means all."""

    folder: Path
    seed: int
    size: Size
    codes: Sequence[str] = ()

    @property
    def known(self) -> list[Fault]:
        return faults(self.size.freeze_seconds)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Stage]:
        """Start the machine, let the operators begin, and stop everything in the end."""
        log, machine = Log(self.folder / "robots.jsonl"), Machine(self.folder)
        try:
            await machine.start()
            desks = self.size.per_state * (len(AT_A_DESK) + 1)
            centre = await settle(machine, settings_of(machine.environment), log, desks, self.size.ring_seconds)
            working = [asyncio.create_task(operator.work()) for operator in centre.operators]
            await asyncio.sleep(1)
            yield Stage(machine, centre, log, Random(self.seed), self.size)
            for one in working:
                one.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await asyncio.gather(*(operator.close() for operator in centre.operators))
        finally:
            await machine.stop()
            log.close()

    async def play(self, stage: Stage) -> Outcome:
        """Play every fault in an order of the seed's, then check what is left."""
        chosen = [fault for fault in self.known if not self.codes or fault.code in self.codes]
        for fault in stage.random.sample(chosen, len(chosen)):
            await stage.play(fault)
        violations = await self.check(stage)
        return Outcome(self.seed, lines(stage.log, violations, {one.code: one.words for one in chosen}), violations)

    async def check(self, stage: Stage) -> list[Violation]:
        """Compare the robots' log with the journal."""
        return check(stage.log, await journal.read(stage.machine.environment["DATABASE__URL"]))

    def leave(self, folder: Path) -> None:
        """Copy the robots' log and the logs of the processes to where a person can read them."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*self.folder.glob("*.jsonl"), *self.folder.glob("up.log"), *self.folder.glob("var/log/*.log")):
            shutil.copy(path, folder)


def run(seed: int | None, codes: Sequence[str], size: Size, keep: Path | None) -> int:
    """Play, print, and return the exit status: 1 when something was lost, doubled or broken."""
    chosen = randrange(10**6) if seed is None else seed
    print(f"Зерно: {chosen} (повторить: --seed {chosen})", flush=True)

    async def play(suite: Suite) -> Outcome:
        async with suite.opened() as stage:
            return await suite.play(stage)

    with tempfile.TemporaryDirectory(prefix="pult-chaos-") as folder:
        suite = Suite(Path(folder), chosen, size, codes)
        try:
            outcome = asyncio.run(play(suite))
        finally:
            if keep is not None:
                suite.leave(keep)
    print(outcome)
    return int(bool(outcome.violations))
