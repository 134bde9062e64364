"""Hold, and an operator's page that is gone in the middle of the talk."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage
from schemas.call_news import PostProcessingLapsed
from tests.centre import Centre

AWAY = 21


async def test_hold_and_resume(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hold(ring.call_id)
    assert await centre.sql("SELECT held_since IS NOT NULL FROM call") is True
    await centre.resume(ring.call_id)
    assert await centre.sql("SELECT held_since IS NULL FROM call") is True
    assert [name for name, _ in centre.exchange.commands if name in ("hold", "resume")] == ["hold", "resume"]
    assert (await centre.events(ring.call_id))[-2:] == ["held", "resumed"]


async def test_hold_twice_is_one_hold(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hold(ring.call_id)
    await centre.hold(ring.call_id)
    assert (await centre.events(ring.call_id)).count("held") == 1


async def test_only_who_talks_may_hold(centre: Centre) -> None:
    ring = await centre.talk()
    with pytest.raises(WorkflowUpdateFailedError) as refusal:
        await centre.hold(ring.call_id, by="pyotr")
    assert "ведёт другой сотрудник" in str(refusal.value.cause)


async def test_a_citizen_on_hold_may_hang_up(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hold(ring.call_id)
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)
    assert await centre.sql("SELECT held_since IS NULL FROM call") is True


async def test_a_page_that_comes_back_goes_on(centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    ring = await centre.talk()
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await centre.page_is_back(ring)
    await centre.comes_to(ring.call_id, "operator_returned")
    await time_skipping.sleep(AWAY)
    assert await centre.stage(ring.call_id) == CallStage.TALKING


async def test_a_hold_outlives_a_reload(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hold(ring.call_id)
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await centre.page_is_back(ring)
    await centre.comes_to(ring.call_id, "operator_returned")
    await centre.resume(ring.call_id)
    assert ("resume", str(ring.call_id)) in centre.exchange.commands


async def test_a_page_that_stays_away_leaves_the_citizen_to_the_head_of_the_queue(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    ring = await centre.talk()
    others = [await centre.phone("+79160000002")]
    await centre.reaches(others[0], CallStage.WAITING)
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await time_skipping.sleep(AWAY)
    await centre.reaches(ring.call_id, CallStage.WAITING)
    await centre.go_on_line("pyotr")
    assert (await centre.ring_of(ring.call_id, nth=2)).desk_id == centre.people.desk(centre.people.pyotr).id
    await centre.finish(ring.call_id)  # Ольга, who is back
    assert (await centre.ring_of(others[0])).desk_id == ring.desk_id


async def test_a_page_that_is_heard_after_all_keeps_its_call(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    ring = await centre.talk()
    centre.exchange.heard.add(ring.leg_id)
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await time_skipping.sleep(AWAY)
    assert await centre.stage(ring.call_id) == CallStage.TALKING


async def test_a_citizen_who_hangs_up_while_parked_was_served(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.POST_PROCESSING)


async def test_one_who_returned_to_the_queue_and_gave_up_leaves_the_operator_his_words(
    centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    ring = await centre.talk()
    await centre.page_is_gone(ring)
    await centre.comes_to(ring.call_id, "parked")
    await time_skipping.sleep(AWAY)
    await centre.reaches(ring.call_id, CallStage.WAITING)
    await centre.citizen_hangs_up(ring.call_id)
    await centre.reaches(ring.call_id, CallStage.ABANDONED)
    await centre.finish(ring.call_id, comment="Успела узнать адрес")
    assert (await centre.process(ring.call_id).result()).stage is CallStage.ABANDONED
    assert await centre.sql("SELECT comment FROM call") == "Успела узнать адрес"


async def limited(centre: Centre, after: str | None = None) -> UUID:
    await centre.sql("UPDATE queue SET post_processing_seconds = 60, after_lapse = :after RETURNING id", after=after)
    return (await centre.serve()).call_id


@pytest.mark.parametrize(("after", "then"), [(None, "incoming"), ("break", "break")])
async def test_a_post_processing_that_runs_out_is_marked(
    after: str | None, then: str, centre: Centre, time_skipping: WorkflowEnvironment
) -> None:
    call_id = await limited(centre, after)
    await time_skipping.sleep(61)
    await centre.process(call_id).result()
    assert await centre.sql("SELECT filled FROM call") is False
    assert await centre.desk() == then


async def test_a_process_that_lost_the_hang_up_hears_of_it_when_nobody_is_left_to_finish(centre: Centre) -> None:
    ring = await centre.talk()
    await centre.hang_up_unheard(ring.call_id)
    news = PostProcessingLapsed(employee_id=centre.people.olga.id, at=datetime.now(UTC))
    await centre.tell(ring.call_id, "post_processing_lapsed", news)
    assert (await centre.process(ring.call_id).result()).stage is CallStage.FINISHED
    assert await centre.events(ring.call_id) == ["arrived", "offered", "ringing", "answered", "talk_ended", "lapsed"]


async def test_a_finish_in_time_stops_the_clock(centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    call_id = await limited(centre)
    await time_skipping.sleep(30)
    await centre.finish(call_id)
    await time_skipping.sleep(40)
    assert await centre.sql("SELECT filled FROM call") is True
    assert "lapsed" not in await centre.events(call_id)
