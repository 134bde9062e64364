"""Offer: one ring of one desk for one call, from made to its end. Every change is a compare-and-set."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
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

_TAKE = text(
    """UPDATE offer SET state = 'ringing', deadline = clock_timestamp() + make_interval(secs => :seconds)
       WHERE token = :token AND state = 'made' RETURNING deadline"""
)
_OPEN = text("SELECT * FROM offer WHERE call_id = :call_id AND state IN ('made', 'ringing') FOR UPDATE")
_RESET_MISSES = text("UPDATE desk SET misses = 0 WHERE id = :d AND misses > 0")
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
    offer = await session.get(Offer, token)
    if offer is None:
        return None
    await session.get_one(Call, offer.call_id, with_for_update=True)  # the call before its offer, as everywhere
    deadline = (await session.execute(_TAKE, {"token": token, "seconds": seconds})).scalar_one_or_none()
    if deadline is None:
        await session.refresh(offer)
    else:
        set_committed_value(offer, "state", OfferState.RINGING)
        set_committed_value(offer, "deadline", deadline)
    if offer.state is not OfferState.RINGING:
        return None
    await call_event.record(session, offer.call_id, f"ringing:{token}", EventKind.RINGING)
    await _announce(session, offer)
    return offer


async def accept(session: AsyncSession, token: UUID, at: datetime) -> Serving | None:
    """The desk answered: its serving begins; None when the offer was closed before. A repeat changes nothing."""
    offer = await session.get_one(Offer, token, with_for_update=True, populate_existing=True)
    serving = await session.get_one(Serving, offer.serving_id)
    if offer.state is OfferState.ACCEPTED:
        return serving
    if offer.state not in OPEN_OFFER:
        return None
    offer.state, offer.ended_at = OfferState.ACCEPTED, at
    serving.answered_at, serving.outcome = at, "answered"
    await _reset_misses(session, offer.desk_id)
    return serving


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


async def _reset_misses(session: AsyncSession, desk_id: UUID) -> None:
    await session.execute(_RESET_MISSES, {"d": desk_id})


async def _announce(session: AsyncSession, offer: Offer) -> None:
    serving = await session.get_one(Serving, offer.serving_id)
    for name in ("call", "calls", "leg"):
        live.notice(session, live.person(serving.employee_id), name, offer.call_id)
