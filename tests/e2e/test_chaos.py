"""Every fault of the suite once, in one running Пульт; then the suite itself is put to the test by mutations."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import asyncpg
import pytest

from bench.chaos.checker import Violation
from bench.chaos.log import Entry
from bench.chaos.machine import free_port
from bench.chaos.operator import signal as offer
from bench.chaos.robots import Citizen, Plan, Scene, Where
from bench.chaos.run import QUICK, Suite
from bench.chaos.scene import Stage

pytestmark = [pytest.mark.kills, pytest.mark.timeout(300)]
# What answers a ring without asking whether it still rings: the compare-and-set of the leg, left out.
ANSWERS_ANYTHING = """
from store import line_ring
line_ring.rings = lambda leg: True
from worker.cli import main
main()
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """The same moments each time, so that a red run is a change's; CHAOS_SEED plays others, as `make chaos` does."""
    seed = int(os.environ.get("CHAOS_SEED", "7"))
    return Suite(tmp_path_factory.mktemp("chaos"), seed, QUICK)


@pytest.fixture(scope="module")
async def stage(suite: Suite) -> AsyncIterator[Stage]:
    async with suite.opened() as stage:
        yield stage


async def on_database(stage: Stage, *statements: str) -> None:
    url = stage.machine.environment["DATABASE__OWNER_URL"].replace("+asyncpg", "").replace("ssl=", "sslmode=")
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def phone_in(stage: Stage, nth: int) -> Citizen:
    """One call more, of a citizen who stays until he is told to go."""
    plan = Plan(nth=nth, where=Where.WAITING, citizen_ends=False, pause=0, is_reached=True)
    citizen = Citizen(stage.centre.url, stage.log, plan, stage.centre.dialled)
    assert await citizen.phone_in(Scene())
    return citizen


def rules(found: list[Violation]) -> set[str]:
    return {violation.rule for violation in found}


async def test_no_fault_loses_or_doubles_a_call(suite: Suite, stage: Stage) -> None:
    outcome = await suite.play(stage)
    print(outcome)
    assert outcome.violations == [], str(outcome)


async def test_a_dropped_row_of_the_outbox_is_seen(suite: Suite, stage: Stage) -> None:
    stage.machine.send(signal.SIGSTOP, "relay")
    citizen = await phone_in(stage, 900_001)
    await on_database(stage, "DELETE FROM outbox WHERE delivered_at IS NULL AND kind = 'start_call'")
    stage.machine.send(signal.SIGCONT, "relay")
    await asyncio.sleep(2)
    lost = [one for one in await suite.check(stage) if one.call == citizen.call]
    assert (rules(lost), {one.harm for one in lost}) == ({"I2"}, {"lost"})


async def test_a_skipped_compare_and_set_is_seen(suite: Suite, stage: Stage) -> None:
    port = free_port()
    mutant = await stage.machine.start_beside("web", "-c", ANSWERS_ANYTHING, WEB__PORT=str(port))
    scene, citizen, leg = await ring_twice(stage, 900_002)
    late = next(one for one in stage.centre.operators if leg[0] == one.name)
    path = f"http://127.0.0.1:{port}/api/v1/line/legs/{leg[1]}/answer"
    await late.act("answers_late", citizen.call, "POST", path, json=offer(1), more={"leg": leg[1]})
    scene.released.set()
    found = rules(await suite.check(stage))
    mutant.kill()
    await mutant.wait()
    assert "I3" in found


async def test_a_second_call_at_one_desk_is_seen(suite: Suite, stage: Stage) -> None:
    twice = """INSERT INTO serving (call_id, desk_id, employee_id, role, filled, offered_at, answered_at, finished_at)
               SELECT call_id, desk_id, employee_id, role, filled, answered_at, answered_at, finished_at
               FROM serving WHERE finished_at > answered_at LIMIT 1"""
    await on_database(stage, twice)
    assert "I1" in rules(await suite.check(stage))


async def ring_twice(stage: Stage, nth: int) -> tuple[Scene, Citizen, tuple[str, str]]:
    """One desk lets it ring, the next one takes the call and talks; return the first one's name and leg."""
    scene, plan = Scene(), Plan(nth=nth, where=Where.TALKING, citizen_ends=False, pause=0, is_ignored=True)
    for operator in stage.centre.operators:
        operator.scene = scene
    citizen = Citizen(stage.centre.url, stage.log, plan, stage.centre.dialled)
    living = asyncio.create_task(citizen.live(scene))
    ignored = await noted(stage, "ignores", nth)
    plan.is_reached = False
    await noted(stage, "answers_late", nth)
    while not plan.is_reached:
        await asyncio.sleep(0.1)
    living.cancel()
    return scene, citizen, (ignored.robot, ignored.more["leg"])


async def noted(stage: Stage, does: str, nth: int) -> Entry:
    """Wait until some robot notes this about the citizen's call."""
    while True:
        calls = {entry.call for entry in stage.log.of("has_call") if entry.robot == f"citizen-{nth}"}
        if found := next((entry for entry in stage.log.of(does) if entry.call in calls), None):
            return found
        await asyncio.sleep(0.1)
