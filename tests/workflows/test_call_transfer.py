"""Hand-over: whoever has the citizen, somebody has him, and each operator finishes his own serving."""

from uuid import UUID

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage
from schemas.call_order import CompleteTransfer, TakeBack
from schemas.call_state import CallState
from schemas.desk import DeskStatus
from telephony.port import Ring
from tests.centre import Centre, until

RING = 21


async def ringing_at_pyotr(centre: Centre, **how: object) -> tuple[Ring, Ring]:
    """Ольга talks and hands over; it rings at Пётр's."""
    hers = await centre.talk()
    await centre.go_on_line("pyotr")
    await centre.transfer(hers.call_id, **how)
    return hers, await centre.ring_of(hers.call_id, nth=2)


async def consulting(centre: Centre) -> tuple[Ring, Ring]:
    hers, his = await ringing_at_pyotr(centre, consult=True)
    await centre.answer(his)
    await centre.comes_to(hers.call_id, "transfer_answered")
    return hers, his


async def is_parked(centre: Centre, call_id: UUID) -> bool:
    state: CallState = await centre.process(call_id).query("current_state", result_type=CallState)
    return state.is_parked


async def test_a_call_is_handed_over_and_both_finish(centre: Centre) -> None:
    hers, his = await ringing_at_pyotr(centre)
    assert (his.peer_leg_id, ("hold", str(hers.call_id)) in centre.exchange.commands) == (hers.peer_leg_id, True)
    await centre.answer(his)
    await centre.comes_to(hers.call_id, "transferred")
    await centre.finish(hers.call_id, comment="Передала", key="hers-key-1")
    await centre.citizen_hangs_up(hers.call_id)
    await centre.reaches(hers.call_id, CallStage.POST_PROCESSING)
    await centre.finish(hers.call_id, comment="Решил", key="his-key-12", by="pyotr")
    assert (await centre.process(hers.call_id).result()).stage is CallStage.FINISHED
    assert await centre.sql("SELECT comment FROM call") == "Решил"
    assert await centre.sql("SELECT count(*) FROM serving WHERE filled AND finished_at IS NOT NULL") == 2


async def test_who_handed_over_is_free_for_the_next_call_before_the_talk_ends(centre: Centre) -> None:
    hers, his = await ringing_at_pyotr(centre)
    await centre.answer(his)
    await centre.comes_to(hers.call_id, "transferred")
    await centre.finish(hers.call_id)
    assert await centre.stage(hers.call_id) == CallStage.TALKING
    assert (await centre.ring_of(await centre.phone("+79160000002"))).desk_id == hers.desk_id


@pytest.mark.parametrize("how", ["declined", "missed", "taken back"])
async def test_what_is_not_taken_comes_back(how: str, centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    hers, his = await ringing_at_pyotr(centre)
    if how == "declined":
        await centre.decline(his)
    elif how == "missed":
        await time_skipping.sleep(RING)
    else:
        await centre.give(hers.call_id, "take_back", TakeBack)
    await centre.comes_to(hers.call_id, "transfer_failed")
    assert ("resume", str(hers.call_id)) in centre.exchange.commands
    await centre.operator_hangs_up(hers)
    await centre.reaches(hers.call_id, CallStage.POST_PROCESSING)
    assert await centre.sql("SELECT count(*) FROM serving WHERE finished_at IS NULL") == 1
    assert await centre.desk("pyotr") == DeskStatus.INCOMING


async def test_after_a_consultation_the_citizen_is_connected(centre: Centre) -> None:
    hers, his = await consulting(centre)
    assert his.peer_leg_id == hers.leg_id
    await centre.give(hers.call_id, "complete_transfer", CompleteTransfer)
    assert ("hand_over", his.leg_id) in centre.exchange.commands
    await centre.operator_hangs_up(his)
    await centre.reaches(hers.call_id, CallStage.POST_PROCESSING)
    assert await centre.sql("SELECT count(*) FROM serving WHERE finished_at IS NULL") == 2


async def test_who_was_only_consulted_has_nothing_to_finish(centre: Centre) -> None:
    hers, _ = await consulting(centre)
    await centre.give(hers.call_id, "take_back", TakeBack)
    assert await centre.sql("SELECT count(*) FROM serving WHERE finished_at IS NULL") == 1
    assert await centre.stage(hers.call_id) == CallStage.TALKING


async def test_an_operator_who_hangs_up_in_a_consultation_has_handed_over(centre: Centre) -> None:
    hers, _ = await consulting(centre)
    await centre.operator_hangs_up(hers)
    await centre.comes_to(hers.call_id, "transferred")
    assert await centre.stage(hers.call_id) == CallStage.TALKING
    await centre.citizen_hangs_up(hers.call_id)
    await centre.reaches(hers.call_id, CallStage.POST_PROCESSING)


async def test_who_was_consulted_takes_the_citizen_of_a_page_that_stays_away(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    hers, his = await consulting(centre)
    await centre.page_is_gone(hers)
    await until(lambda: is_parked(centre, hers.call_id))
    await time_skipping.sleep(RING)
    await centre.comes_to(hers.call_id, "transferred")
    assert ("hand_over", his.leg_id) in centre.exchange.commands


async def test_nobody_is_lost_when_the_first_is_gone_and_the_second_does_not_answer(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    hers, his = await ringing_at_pyotr(centre)
    await centre.operator_hangs_up(hers)
    await centre.decline(his)
    again = await centre.ring_of(hers.call_id, nth=3)
    assert (again.desk_id, again.peer_leg_id) == (his.desk_id, hers.peer_leg_id)
    assert await centre.desk() == DeskStatus.INCOMING


async def test_a_citizen_who_hangs_up_while_it_rings_ends_everything(centre: Centre) -> None:
    hers, _ = await ringing_at_pyotr(centre)
    await centre.citizen_hangs_up(hers.call_id)
    await centre.reaches(hers.call_id, CallStage.POST_PROCESSING)
    assert await centre.sql("SELECT count(*) FROM serving WHERE finished_at IS NULL") == 1
    assert await centre.sql("SELECT state FROM offer ORDER BY made_at DESC LIMIT 1") == "withdrawn"


async def test_a_busy_colleague_is_refused_in_words(centre: Centre) -> None:
    hers = await centre.talk()
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await centre.transfer(hers.call_id)
    assert "Выберите другого" in str(refusal.value.cause)
    assert await centre.stage(hers.call_id) == CallStage.TALKING


async def test_a_call_moves_to_another_queue(centre: Centre) -> None:
    hers = await centre.talk()
    await centre.go_on_line("pyotr")
    await centre.transfer(hers.call_id, to="", queue_id=centre.people.queue.id)
    his = await centre.ring_of(hers.call_id, nth=2)
    await centre.answer(his)
    await centre.reaches(hers.call_id, CallStage.TALKING)
    assert ("release", hers.leg_id) in centre.exchange.commands
    await centre.finish(hers.call_id)


async def test_a_queue_that_nobody_serves_is_refused(centre: Centre) -> None:
    hers = await centre.talk()
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await centre.transfer(hers.call_id, to="", queue_id=centre.people.queue.id)
    assert "никого нет на линии" in str(refusal.value.cause)


async def test_the_same_order_twice_rings_once(centre: Centre) -> None:
    hers, _ = await ringing_at_pyotr(centre, key="transfer-1")
    await centre.transfer(hers.call_id, key="transfer-1")
    assert (await centre.events(hers.call_id)).count("transfer_started") == 1
