"""The straight road of a call, and each order of events on it."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage
from schemas.desk import DeskStatus
from tests.centre import Centre
from tests.people import ANNA_NUMBER

RING = 21  # seconds, just past the queue's ring limit


async def test_a_call_is_answered_talked_and_finished(centre: Centre) -> None:
    ring = await centre.serve()
    done = await centre.finish(ring.call_id, comment="Подсказала часы работы")
    state = await centre.process(ring.call_id).result()
    assert (state.stage, done.actor_name) == (CallStage.FINISHED, centre.people.olga.full_name)
    assert await centre.events(ring.call_id) == [
        "arrived", "offered", "ringing", "answered", "talk_ended", "finished",
    ]  # fmt: skip
    assert await centre.desk() == DeskStatus.INCOMING


async def test_the_first_operator_does_not_answer_and_the_second_does(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    await centre.go_on_line("olga", "pyotr")
    first = await centre.ring_of(await centre.phone())
    await time_skipping.sleep(RING)
    second = await centre.ring_of(first.call_id, nth=2)
    await centre.answer(second)
    await centre.reaches(first.call_id, CallStage.TALKING)
    assert second.desk_id != first.desk_id
    assert await centre.sql("SELECT count(*) FROM serving WHERE outcome = 'missed'") == 1


async def test_a_missed_call_comes_back_to_the_same_desk_when_nobody_else_is_free(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    await centre.go_on_line("olga")
    first = await centre.ring_of(await centre.phone())
    await time_skipping.sleep(RING)
    second = await centre.ring_of(first.call_id, nth=2)
    assert (second.desk_id, second.leg_id != first.leg_id) == (first.desk_id, True)


async def test_a_desk_that_misses_three_times_goes_to_a_break(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    await centre.go_on_line("olga")
    call_id = await centre.phone()
    for nth in (1, 2, 3):
        await centre.ring_of(call_id, nth)
        await time_skipping.sleep(RING)
    await centre.reaches(call_id, CallStage.WAITING)
    assert await centre.desk() == DeskStatus.BREAK
    assert await centre.sql("SELECT reason FROM desk WHERE status = 'break'") == "missed_calls"


async def test_a_missed_call_keeps_its_place(centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    await centre.go_on_line("olga")
    first = await centre.ring_of(await centre.phone())
    late = await centre.phone("+79160000002")
    await centre.reaches(late, CallStage.WAITING)
    await time_skipping.sleep(RING)
    assert (await centre.ring_of(first.call_id, nth=2)).call_id == first.call_id
    assert await centre.stage(late) == CallStage.WAITING


async def test_a_declined_call_goes_to_another_desk(centre: Centre) -> None:
    await centre.go_on_line("olga", "pyotr")
    first = await centre.ring_of(await centre.phone())
    await centre.decline(first)
    second = await centre.ring_of(first.call_id, nth=2)
    assert second.desk_id != first.desk_id
    assert "declined" in await centre.events(first.call_id)


async def test_an_answer_that_was_first_counts_though_its_news_comes_after_the_expiry(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    await centre.go_on_line("olga")
    ring = await centre.ring_of(await centre.phone())
    centre.exchange.pick_up(ring.leg_id)
    await time_skipping.sleep(RING)
    await centre.reaches(ring.call_id, CallStage.TALKING)
    assert await centre.sql("SELECT count(*) FROM offer") == 1


@pytest.mark.parametrize("ringing", [False, True])
async def test_a_citizen_who_hangs_up_before_the_answer_has_abandoned(centre: Centre, ringing: bool) -> None:
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    if ringing:
        await centre.go_on_line("olga")
        await centre.ring_of(call_id)
    await centre.citizen_hangs_up(call_id)
    state = await centre.process(call_id).result()
    assert state.stage == await centre.stage(call_id) == CallStage.ABANDONED
    assert await centre.sql("SELECT count(*) FROM serving WHERE finished_at IS NULL") == 0


async def test_a_hang_up_at_the_instant_of_the_answer_leaves_a_service_to_finish(centre: Centre) -> None:
    await centre.go_on_line("olga")
    ring = await centre.ring_of(await centre.phone())
    await centre.answer(ring)
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)


async def test_the_next_call_comes_only_after_the_finish(centre: Centre) -> None:
    ring = await centre.serve()
    second = await centre.phone("+79160000002")
    await centre.reaches(second, CallStage.WAITING)
    await centre.finish(ring.call_id)
    assert (await centre.ring_of(second)).desk_id == ring.desk_id


async def test_a_break_chosen_in_the_form_holds_the_next_call_back(centre: Centre) -> None:
    ring = await centre.serve()
    second = await centre.phone("+79160000002")
    await centre.finish(ring.call_id, next_status=DeskStatus.BREAK)
    await centre.process(ring.call_id).result()
    assert await centre.desk() == DeskStatus.BREAK
    await centre.reaches(second, CallStage.WAITING)


async def test_a_break_asked_for_while_it_rings_begins_after_the_call(centre: Centre) -> None:
    await centre.go_on_line("olga")
    ring = await centre.ring_of(await centre.phone())
    await centre.go_on_line("olga", status=DeskStatus.BREAK)
    await centre.answer(ring)
    await centre.operator_hangs_up(ring)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    assert await centre.desk() == DeskStatus.INCOMING
    await centre.finish(ring.call_id)
    assert await centre.desk() == DeskStatus.BREAK


async def test_finish_service_twice_with_one_key_has_one_effect(centre: Centre) -> None:
    ring = await centre.serve()
    answers = await asyncio.gather(*(centre.finish(ring.call_id, comment="Раз") for _ in range(5)))
    assert len({answer.at for answer in answers}) == 1
    assert (await centre.events(ring.call_id)).count("finished") == 1


async def test_finish_service_with_another_key_is_refused(centre: Centre) -> None:
    ring = await centre.serve()
    orders = [centre.finish(ring.call_id, key=f"another-{n}", comment=f"{n}") for n in range(3)]
    answers = await asyncio.gather(*orders, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 2
    assert (await centre.events(ring.call_id)).count("finished") == 1


async def test_finish_service_is_refused_in_the_talk(centre: Centre) -> None:
    ring = await centre.talk()
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await centre.finish(ring.call_id)
    assert "Сначала завершите разговор" in str(refusal.value.cause)
    history = await centre.process(ring.call_id).fetch_history()
    assert not [
        event for event in history.events if event.HasField("workflow_execution_update_accepted_event_attributes")
    ]


async def test_an_order_that_can_never_succeed_is_refused_and_holds_back_no_other(centre: Centre) -> None:
    ring = await centre.serve()
    impossible = (await centre.order(key="unknown-reason")).model_copy(update={"reasons": (uuid4(),)})
    with pytest.raises(WorkflowUpdateFailedError):
        await centre.process(ring.call_id).execute_update("finish_service", impossible, id=impossible.key)
    await centre.finish(ring.call_id)
    assert await centre.stage(ring.call_id) == CallStage.FINISHED


async def test_a_blocked_number_is_rejected_until_its_mark_expires(centre: Centre) -> None:
    await centre.sql(
        "INSERT INTO number_mark (number, kind, reason, set_by, until) "
        "VALUES (:number, 'blocked', 'Угрозы', :vera, clock_timestamp() + interval '1 hour') RETURNING id",
        **{"number": ANNA_NUMBER, "vera": centre.people.vera.id},
    )
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.REJECTED)
    assert await centre.events(call_id) == ["arrived", "rejected"]
    assert (await centre.process(call_id).result()).stage is CallStage.REJECTED
    await centre.sql("UPDATE number_mark SET until = clock_timestamp() RETURNING id")
    await centre.reaches(await centre.phone(), CallStage.WAITING)


async def test_a_number_that_leads_nowhere_is_rejected(centre: Centre) -> None:
    await centre.sql("DELETE FROM queue_number RETURNING number")
    call_id = await centre.phone()
    state = await centre.process(call_id).result() if await _started(centre, call_id) else None
    assert state is not None
    assert state.stage == await centre.stage(call_id) == CallStage.REJECTED
    assert call_id in centre.exchange.hung_up, "the citizen does not wait for nobody"


async def _started(centre: Centre, call_id: object) -> bool:
    async with asyncio.timeout(5):
        while await centre.stage(call_id) is None:  # type: ignore[arg-type]
            await asyncio.sleep(0.01)
    return True
