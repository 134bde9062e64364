"""Nobody answers in time, or the office is closed: the citizen chooses, and every order of events ends well."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from schemas.call import CallStage
from schemas.call_news import CitizenChose
from schemas.desk import DeskStatus
from store import desk as desk_store
from store import queue
from store.base import routing_lock
from tests.centre import Centre

LIMIT = 30
CLOSED = """UPDATE queue SET hours = '{"mon": [], "tue": [], "wed": [], "thu": [], "fri": [], "sat": [], "sun": []}'
            RETURNING 1"""


@pytest.fixture
async def limited(centre: Centre) -> Centre:
    """A centre whose callers wait for half a minute, and whose desks ring as long as a slow machine needs."""
    await centre.sql(f"UPDATE queue SET wait_seconds = {LIMIT}, ring_seconds = 300 RETURNING 1")
    return centre


async def choose(centre: Centre, call_id: UUID, stage: CallStage) -> None:
    await centre.tell(call_id, "citizen_chose", CitizenChose(stage=stage, at=datetime.now(UTC)))


async def asked(centre: Centre, time_skipping: WorkflowEnvironment) -> UUID:
    """Анна has waited as long as one waits here."""
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.WAITING)
    await time_skipping.sleep(timedelta(seconds=LIMIT + 1))
    await centre.reaches(call_id, CallStage.CHOOSING)
    return call_id


@pytest.mark.parametrize("chosen", [CallStage.VOICEMAIL, CallStage.CALLBACK])
async def test_who_waited_too_long_chooses(
    limited: Centre, time_skipping: WorkflowEnvironment, chosen: CallStage
) -> None:
    call_id = await asked(limited, time_skipping)
    assert ("offer_choice", str(call_id)) in limited.exchange.commands
    await choose(limited, call_id, chosen)
    assert (await limited.process(call_id).result()).stage is chosen
    assert await limited.events(call_id) == ["arrived", "choice_offered", str(chosen)]
    assert call_id in limited.exchange.hung_up


async def test_who_hangs_up_while_choosing_did_not_wait(limited: Centre, time_skipping: WorkflowEnvironment) -> None:
    call_id = await asked(limited, time_skipping)
    await limited.citizen_hangs_up(call_id)
    assert (await limited.process(call_id).result()).stage is CallStage.ABANDONED


async def test_who_never_chooses_did_not_wait(limited: Centre, time_skipping: WorkflowEnvironment) -> None:
    call_id = await asked(limited, time_skipping)
    await time_skipping.sleep(timedelta(minutes=16))
    assert (await limited.process(call_id).result()).stage is CallStage.ABANDONED


async def test_a_choice_counts_although_he_hung_up_after_it(
    limited: Centre, time_skipping: WorkflowEnvironment
) -> None:
    call_id = await limited.phone()
    await limited.reaches(call_id, CallStage.WAITING)
    await choose(limited, call_id, CallStage.VOICEMAIL)  # the process has not heard of its own question yet
    await limited.citizen_hangs_up(call_id)
    assert (await limited.process(call_id).result()).stage is CallStage.VOICEMAIL


async def test_a_choosing_call_is_offered_to_nobody(limited: Centre, time_skipping: WorkflowEnvironment) -> None:
    call_id = await asked(limited, time_skipping)
    await limited.go_on_line("olga")
    await choose(limited, call_id, CallStage.CALLBACK)
    assert (await limited.process(call_id).result()).stage is CallStage.CALLBACK
    assert limited.exchange.rings == {}


async def test_a_ring_goes_on_past_the_limit_and_its_miss_ends_the_wait(
    limited: Centre, time_skipping: WorkflowEnvironment
) -> None:
    call_id = await limited.phone()
    await limited.reaches(call_id, CallStage.WAITING)
    await time_skipping.sleep(timedelta(seconds=LIMIT - 5))
    await limited.go_on_line("olga")
    ring = await limited.ring_of(call_id)
    await time_skipping.sleep(timedelta(seconds=10))
    assert await limited.stage(call_id) == CallStage.RINGING
    await limited.go_on_line("olga", status=DeskStatus.BREAK)  # taken when the ring ends
    await limited.decline(ring)
    await limited.reaches(call_id, CallStage.CHOOSING)


async def test_an_offer_at_the_instant_of_the_limit_wins(limited: Centre, time_skipping: WorkflowEnvironment) -> None:
    await limited.go_on_line("olga", status=DeskStatus.BREAK)
    call_id = await limited.phone()
    await limited.reaches(call_id, CallStage.WAITING)
    await match_unheard(limited)
    await time_skipping.sleep(timedelta(seconds=LIMIT + 1))
    ring = await limited.ring_of(call_id)
    await limited.sql("UPDATE outbox SET retry_at = NULL RETURNING 1")
    await limited.answer(ring)
    await limited.reaches(call_id, CallStage.TALKING)
    assert "choice_offered" not in await limited.events(call_id)


async def match_unheard(centre: Centre) -> None:
    """Ольга is offered the call, and the news of it stays on the way."""
    async with centre.database.transaction() as session:
        await routing_lock(session)
        desk = await desk_store.get(session, centre.people.desk(centre.people.olga).id)
        await desk_store.ask_status(session, desk, DeskStatus.INCOMING)
        await session.flush()
        await queue.match(session)
        await session.flush()
        await session.execute(text("UPDATE outbox SET retry_at = now() + interval '1 hour' WHERE delivered_at IS NULL"))


async def test_a_closed_queue_asks_at_once(centre: Centre) -> None:
    await centre.sql(CLOSED)
    await centre.go_on_line("olga")
    call_id = await centre.phone()
    await centre.reaches(call_id, CallStage.CHOOSING)
    await choose(centre, call_id, CallStage.VOICEMAIL)
    assert (await centre.process(call_id).result()).stage is CallStage.VOICEMAIL
    assert (centre.exchange.rings, await centre.events(call_id)) == ({}, ["arrived", "choice_offered", "voicemail"])
