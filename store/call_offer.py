"""Offer: one ring of one desk for one call, from made to its end. Every change is a compare-and-set."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.base import id_from
from schemas.call import OPEN_OFFER, CallStage, OfferState, ServingRole
from schemas.desk import DeskStatus
from schemas.timeline import EventKind
from store import call_event, desk, live
from store.base import clock
from store.call import Call, Offer, Serving
from store.direct import load

MADE_FOR = timedelta(seconds=5)
"""An offer that no process takes for so long is void."""

MISSED_TOO_OFTEN = "missed_calls"

_LOCK_CALL = text(
    "SELECT call.* FROM offer JOIN call ON call.id = offer.call_id WHERE offer.token = :token FOR UPDATE OF call"
)
_TAKE = text(
    """UPDATE offer SET state = 'ringing', deadline = clock_timestamp() + make_interval(secs => :seconds)
       WHERE token = :token AND state = 'made' RETURNING *"""
)
_ACCEPT = text(
    """WITH taken AS (
           UPDATE offer SET state = 'accepted', ended_at = CAST(:at AS timestamptz)
           WHERE token = :token AND state IN ('made', 'ringing') RETURNING serving_id, desk_id),
       calmed AS (UPDATE desk SET misses = 0 FROM taken WHERE desk.id = taken.desk_id AND desk.misses > 0)
       UPDATE serving SET answered_at = CAST(:at AS timestamptz), outcome = 'answered'
       FROM taken WHERE serving.id = taken.serving_id RETURNING serving.*"""
)
_OPEN = text("SELECT * FROM offer WHERE call_id = :call_id AND state IN ('made', 'ringing') FOR UPDATE")
_KIND = {
    OfferState.DECLINED: EventKind.DECLINED,
    OfferState.MISSED: EventKind.MISSED,
    OfferState.WITHDRAWN: EventKind.WITHDRAWN,
    OfferState.VOID: EventKind.VOID,
}


async def make(session: AsyncSession, call: Call, desk_id: UUID, role: ServingRole = ServingRole.MAIN) -> Offer | None:
    """Reserve the desk and offer it the call; None when the desk is no longer free. Under the routing lock."""
    at = await clock(session)
    serving = await desk.reserve(session, desk_id, call.id, at, role)
    if serving is None:
        return None
    token = id_from("offer", serving.id)
    offer = Offer(
        token=token,
        call_id=call.id,
        desk_id=desk_id,
        serving_id=serving.id,
        leg_id=str(id_from("leg", token)),
        made_at=at,
    )
    session.add(offer)
    if role is ServingRole.MAIN:  # in a hand-over the citizen is still in his talk
        call.stage = CallStage.RINGING
    await call_event.record(session, call.id, f"offered:{token}", EventKind.OFFERED, actor_id=serving.employee_id)
    return offer


async def take(session: AsyncSession, token: UUID, seconds: int) -> Offer | None:
    """Let the deadline of a made offer begin; None when it is no longer to be rung. A repeat returns it again."""
    await load(session, Call, _LOCK_CALL, {"token": token})  # the call before its offer, as everywhere
    taken = await load(session, Offer, _TAKE, {"token": token, "seconds": seconds})
    offer = taken[0] if taken else await session.get(Offer, token, populate_existing=True)
    if offer is None or offer.state is not OfferState.RINGING:
        return None
    await call_event.record(session, offer.call_id, f"ringing:{token}", EventKind.RINGING)
    await _announce(session, offer)
    return offer


async def accept(session: AsyncSession, token: UUID, at: datetime) -> Serving | None:
    """The desk answered: its serving begins; None when the offer was closed before. A repeat changes nothing."""
    if accepted := await load(session, Serving, _ACCEPT, {"token": token, "at": at}):
        return accepted[0]
    offer = await session.get_one(Offer, token, populate_existing=True)
    return await session.get_one(Serving, offer.serving_id) if offer.state is OfferState.ACCEPTED else None


async def close(session: AsyncSession, token: UUID, state: OfferState, misses_to_break: int = 0) -> bool:
    """End an open offer unanswered and free its desk; False when it had ended. Under the routing lock, call locked."""
    offer = await session.get_one(Offer, token, with_for_update=True, populate_existing=True)
    if offer.state not in OPEN_OFFER:
        return False
    at = await clock(session)
    offer.state, offer.ended_at = state, at
    serving = await session.get_one(Serving, offer.serving_id)
    serving.outcome, serving.ended_at, serving.finished_at = state.value, at, at
    await session.flush()
    await _free_desk(session, offer.desk_id, state, misses_to_break)
    await call_event.record(
        session, offer.call_id, f"{state.value}:{token}", _KIND[state], actor_id=serving.employee_id
    )
    await _announce(session, offer)
    return True


async def void(session: AsyncSession, token: UUID) -> bool:
    """End an offer that nobody took; one that was taken at the last moment rings on. Locks as for `close`."""
    offer = await session.get_one(Offer, token, with_for_update=True, populate_existing=True)
    return offer.state is OfferState.MADE and await close(session, token, OfferState.VOID)


async def find_open(session: AsyncSession, call_id: UUID) -> Offer | None:
    """Return the call's open offer."""
    found = await load(session, Offer, _OPEN, {"call_id": call_id})
    return found[0] if found else None


async def list_stale(session: AsyncSession) -> list[Offer]:
    """Return offers that were made and that nobody took in time."""
    old = col(Offer.made_at) < await clock(session) - MADE_FOR
    statement = select(Offer).where(col(Offer.state) == OfferState.MADE, old)
    return list((await session.execute(statement)).scalars())


async def _free_desk(session: AsyncSession, desk_id: UUID, state: OfferState, misses_to_break: int) -> None:
    await desk.free(session, desk_id)
    if state is not OfferState.MISSED:
        return
    mine = await desk.get(session, desk_id)
    mine.misses += 1
    if misses_to_break and mine.misses >= misses_to_break and mine.status is DeskStatus.INCOMING:
        mine.misses = 0
        await desk.set_status(session, mine, DeskStatus.BREAK, MISSED_TOO_OFTEN)
        live.notice(session, live.role("supervisor"), "misses", mine.id)


async def _announce(session: AsyncSession, offer: Offer) -> None:
    serving = await session.get_one(Serving, offer.serving_id)
    for name in ("call", "calls", "leg"):
        live.notice(session, live.person(serving.employee_id), name, offer.call_id)
