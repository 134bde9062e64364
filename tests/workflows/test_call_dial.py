"""Calling out: the true outcome of each dialling, and the desk that returns to «Исходящие»."""

from datetime import UTC, datetime

import pytest
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage, DialOutcome
from schemas.call_news import CallerHungUp, OperatorHungUp
from schemas.desk import DeskStatus
from schemas.errors import Conflict
from schemas.journal import Channel, JournalFilter, JournalPage
from store.call_journal import list_rows, own
from telephony.port import Dial
from tests.centre import Centre

DIAL = 46  # seconds, just past the process's own limit


async def dialling(centre: Centre) -> Dial:
    """Ольга calls Анна; it rings there."""
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    return await centre.dialled(await centre.place())


async def ends(centre: Centre, dial: Dial) -> DialOutcome:
    """The call comes to post-processing, is finished, and the desk is in «Исходящие» again."""
    await centre.reaches(dial.call_id, CallStage.POST_PROCESSING)
    await centre.finish(dial.call_id)
    assert (await centre.process(dial.call_id).result()).stage is CallStage.FINISHED
    assert (await centre.desk(), dial.call_id in centre.exchange.hung_up) == (DeskStatus.OUTGOING, True)
    return DialOutcome(await centre.sql("SELECT outcome FROM call"))


async def test_an_answered_call_out_is_talked_finished_and_the_next_one_placed(centre: Centre) -> None:
    dial = await dialling(centre)
    await centre.callee_answers(dial)
    await centre.reaches(dial.call_id, CallStage.TALKING)
    await centre.tell(dial.call_id, "caller_hung_up", CallerHungUp(leg_id=dial.leg_id, at=datetime.now(UTC)))
    assert await ends(centre, dial) is DialOutcome.ANSWERED
    assert await centre.events(dial.call_id) == ["dialled", "answered", "talk_ended", "finished"]
    second = await centre.place(key="place-key-2")
    assert (await centre.dialled(second)).number == dial.number


@pytest.mark.parametrize("outcome", [DialOutcome.REFUSED, DialOutcome.UNREACHABLE])
async def test_who_refuses_or_is_gone_ends_the_call_so(centre: Centre, outcome: DialOutcome) -> None:
    dial = await dialling(centre)
    await centre.callee_refuses(dial, outcome)
    assert await ends(centre, dial) is outcome
    assert await centre.events(dial.call_id) == ["dialled", "dial_ended", "finished"]


@pytest.mark.parametrize("outcome", [DialOutcome.BUSY, DialOutcome.UNREACHABLE])
async def test_a_number_that_cannot_ring_ends_the_call_at_once(centre: Centre, outcome: DialOutcome) -> None:
    centre.exchange.outcome = outcome
    assert await ends(centre, await dialling(centre)) is outcome


async def test_nobody_answers(centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    dial = await dialling(centre)
    await time_skipping.sleep(DIAL)
    assert await ends(centre, dial) is DialOutcome.NO_ANSWER
    assert not centre.exchange.pick_up(dial.leg_id), "the page stopped ringing"
    async with centre.database.transaction() as session:
        (row,) = (await list_rows(session, own(centre.people.olga.id), JournalFilter(), JournalPage())).rows
    assert (row.channel, row.outcome, row.talk) == (Channel.OUTBOUND, DialOutcome.NO_ANSWER, None)
    assert row.post_processing is not None


async def test_the_operator_cancels_while_it_rings(centre: Centre) -> None:
    dial = await dialling(centre)
    await centre.tell(dial.call_id, "operator_hung_up", OperatorHungUp(leg_id=dial.peer_leg_id, at=datetime.now(UTC)))
    assert await ends(centre, dial) is DialOutcome.CANCELLED


async def test_an_answer_at_the_limit_counts(centre: Centre, time_skipping: WorkflowEnvironment) -> None:
    dial = await dialling(centre)
    assert centre.exchange.pick_up(dial.leg_id)
    await time_skipping.sleep(DIAL)
    await centre.reaches(dial.call_id, CallStage.TALKING)
    assert await centre.sql("SELECT outcome FROM call") == DialOutcome.ANSWERED


async def test_a_desk_that_calls_out_gets_no_call_and_cannot_call_twice(centre: Centre) -> None:
    dial = await dialling(centre)
    waiting = await centre.phone("+79160000002")
    await centre.comes_to(waiting, "arrived")
    with pytest.raises(Conflict):
        await centre.place(key="another-key")
    assert await centre.place() == dial.call_id, "the same key is the same call"
    assert (await centre.stage(waiting), centre.exchange.rings) == (CallStage.WAITING, {})
