"""Recorded histories replay on today's code (I21). RECORD_HISTORIES=1 writes them anew from the same stories."""

import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage
from schemas.call_news import CallerHungUp, CitizenChose
from schemas.call_order import CompleteTransfer, HangUp
from schemas.desk import DeskStatus
from tests.centre import Centre
from tests.workflows.replaying import read_history, replay
from workflows.call import CallWorkflow

HISTORIES = Path(__file__).parent.parent / "histories" / "call"
RECORDING = os.environ.get("RECORD_HISTORIES") == "1"
RING, DIAL = 21, 46


async def served(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.serve()
    await centre.finish(ring.call_id)
    return ring.call_id


async def answered_by_the_second(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.go_on_line("olga", "pyotr")
    first = await centre.ring_of(await centre.phone())
    await time_skipping.sleep(RING)
    second = await centre.ring_of(first.call_id, nth=2)
    await centre.answer(second)
    await centre.operator_hangs_up(second)
    await centre.reaches(first.call_id, CallStage.POST_PROCESSING)
    await centre.finish(first.call_id, by=centre.at(second).login)
    return first.call_id


async def declined_and_abandoned(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.go_on_line("olga")
    first = await centre.ring_of(await centre.phone())
    await centre.decline(first)
    await centre.ring_of(first.call_id, nth=2)
    await centre.citizen_hangs_up(first.call_id)
    return first.call_id


async def abandoned_in_the_queue(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await centre.citizen_hangs_up(call_id)
    return call_id


async def held_and_resumed(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.talk()
    await centre.hold(ring.call_id)
    await centre.resume(ring.call_id)
    await centre.operator_hangs_up(ring)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    await centre.finish(ring.call_id)
    return ring.call_id


async def hung_up_by_order(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.talk()
    await centre.give(ring.call_id, "hang_up", HangUp)
    await centre.finish(ring.call_id)
    return ring.call_id


async def handed_over(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    """After a consultation, once declined and once taken."""
    ring = await centre.talk()
    await centre.go_on_line("pyotr")
    await centre.transfer(ring.call_id)
    await centre.decline(await centre.ring_of(ring.call_id, nth=2))
    await centre.comes_to(ring.call_id, "transfer_failed")
    await centre.transfer(ring.call_id, consult=True)
    await centre.answer(await centre.ring_of(ring.call_id, nth=3))
    await centre.comes_to(ring.call_id, "transfer_answered")
    await centre.give(ring.call_id, "complete_transfer", CompleteTransfer)
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    await centre.finish(ring.call_id)
    await centre.finish(ring.call_id, key="his-key-12", by="pyotr")
    return ring.call_id


async def returned_to_the_queue(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.talk()
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await time_skipping.sleep(RING)
    await centre.reaches(ring.call_id, CallStage.WAITING)
    await centre.finish(ring.call_id)
    await centre.answer(await centre.ring_of(ring.call_id, nth=2))
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    await centre.finish(ring.call_id, key="form-key-2")
    return ring.call_id


async def not_filled_in(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.sql("UPDATE queue SET post_processing_seconds = 60 RETURNING id")
    ring = await centre.serve()
    await time_skipping.sleep(61)
    return ring.call_id


async def tired_of_waiting(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.sql("UPDATE queue SET wait_seconds = 60 RETURNING id")
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await time_skipping.sleep(61)
    await centre.reaches(call_id, CallStage.CHOOSING)
    await centre.tell(call_id, "citizen_chose", CitizenChose(stage=CallStage.CALLBACK, at=datetime.now(UTC)))
    return call_id


async def called_out(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    dial = await centre.dialled(await centre.place())
    await centre.callee_answers(dial)
    await centre.reaches(dial.call_id, CallStage.TALKING)
    await centre.tell(dial.call_id, "caller_hung_up", CallerHungUp(leg_id=dial.leg_id, at=datetime.now(UTC)))
    await centre.reaches(dial.call_id, CallStage.POST_PROCESSING)
    await centre.finish(dial.call_id)
    return dial.call_id


async def called_out_in_vain(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    dial = await centre.dialled(await centre.place())
    await time_skipping.sleep(DIAL)
    await centre.reaches(dial.call_id, CallStage.POST_PROCESSING)
    await centre.finish(dial.call_id)
    return dial.call_id


async def parked_and_back(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.talk()
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await centre.page_is_back(ring)
    await centre.comes_to(ring.call_id, "operator_returned")
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    await centre.finish(ring.call_id)
    return ring.call_id


async def moved_to_a_queue(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    ring = await centre.talk()
    await centre.go_on_line("pyotr")
    await centre.transfer(ring.call_id, to="", queue_id=centre.people.queue.id)
    await centre.answer(await centre.ring_of(ring.call_id, nth=2))
    await centre.reaches(ring.call_id, CallStage.TALKING)
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    await centre.finish(ring.call_id)
    await centre.finish(ring.call_id, key="his-key-12", by="pyotr")
    return ring.call_id


Story = Callable[[Centre, WorkflowEnvironment], Awaitable[UUID]]
STORIES: list[Story] = [
    served,
    answered_by_the_second,
    declined_and_abandoned,
    abandoned_in_the_queue,
    held_and_resumed,
    hung_up_by_order,
    handed_over,
    returned_to_the_queue,
    not_filled_in,
    tired_of_waiting,
    called_out,
    called_out_in_vain,
    parked_and_back,
    moved_to_a_queue,
]


@pytest.mark.parametrize("story", STORIES)
async def test_a_new_history_replays(story: Story, centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    handle = centre.process(await story(centre, time_skipping))
    await handle.result()
    history = await handle.fetch_history()
    await replay(history, CallWorkflow)
    if RECORDING:
        HISTORIES.mkdir(parents=True, exist_ok=True)
        nobody = re.sub(r'"identity": *"[^"]*"', '"identity": "nobody"', history.to_json())
        (HISTORIES / f"{story.__name__}.json").write_text(nobody + "\n")


@pytest.mark.parametrize("story", STORIES)
async def test_an_old_history_replays(story: Story) -> None:
    await replay(recorded(story), CallWorkflow)


def recorded(story: Story) -> WorkflowHistory:
    return read_history(HISTORIES / f"{story.__name__}.json")
