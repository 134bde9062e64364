"""Web line: a leg rings, and is answered or not. The leg is the referee."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import DialOutcome, ServingRole
from schemas.call_news import CalleeAnswered, CalleeRefused, OperatorAnswered, OperatorDeclined
from schemas.line import LegSide, LegState
from store import line_page, outbox
from store.base import clock
from store.line import LineLeg, become, end, lock_call, tell
from store.line_talk import Legs

_BEFORE = (LegState.WAITING, LegState.RINGING)


def rings(leg: LineLeg) -> bool:
    """Whether this leg's own page rings (a waiting citizen's leg only hears that a desk does)."""
    return leg.state is LegState.CALLED or (leg.side is LegSide.OPERATOR and leg.state is LegState.RINGING)


async def ring(session: AsyncSession, leg: LineLeg) -> bool:
    """Ring a desk for `leg.peer_id`, unless it rings already or there is nobody to talk to."""
    legs = Legs(await lock_call(session, leg.call_id))
    citizen, peer = legs.citizen, legs.find(leg.peer_id)
    is_first = leg.role is ServingRole.MAIN
    if legs.find(leg.id) or citizen is None or peer is None:
        return False
    if peer.state is LegState.ENDED:  # the operator who wanted to consult is gone
        peer = citizen
    if peer.state not in (_BEFORE if is_first else (LegState.HELD,)):
        return False
    leg.state, leg.peer_id, leg.number = LegState.RINGING, peer.id, citizen.number
    session.add(leg)
    await session.flush()
    if is_first:
        await become(session, citizen, LegState.RINGING)
    await tell(session, leg)
    return True


async def dial(session: AsyncSession, callee: LineLeg, caller: LineLeg | None) -> DialOutcome | None:
    """Ring the page left open under `callee.number`; None while it rings. `caller`: the desk's own new leg."""
    legs = Legs(await lock_call(session, callee.call_id))
    if there := legs.find(callee.id):
        return DialOutcome.REFUSED if there.state is LegState.ENDED else None
    page = await line_page.find_callable(session, callee.number)
    if page is None:
        return DialOutcome.UNREACHABLE
    if await _is_busy(session, callee.number):
        return DialOutcome.BUSY
    callee.state, callee.page_id = LegState.CALLED, page.id
    session.add(callee)
    if caller is not None:
        caller.state, caller.number = LegState.DIALLING, callee.number
        session.add(caller)
    await session.flush()
    for leg in filter(None, (callee, caller)):
        await tell(session, leg)
    line_page.tell(session, page.id)
    return None


async def _is_busy(session: AsyncSession, number: str) -> bool:
    mine = (col(LineLeg.number) == number, col(LineLeg.side) == LegSide.CITIZEN, col(LineLeg.state) != LegState.ENDED)
    return (await session.execute(select(col(LineLeg.id)).where(*mine).limit(1))).first() is not None


async def answer(session: AsyncSession, leg: LineLeg) -> LineLeg | None:
    """Pick up a ringing leg and return whom it has voice with; None when it does not ring any more."""
    legs = Legs(await lock_call(session, leg.call_id))
    peer = legs.find(leg.peer_id)
    if peer is not None and peer.state is LegState.ENDED and leg.role is ServingRole.CONSULT:
        peer = legs.citizen
    if not rings(leg) or peer is None or peer.state is LegState.ENDED:
        return None
    now = await clock(session)
    await _take_over(session, legs, leg, peer)
    leg.seen_at = now
    for one, other in ((leg, peer), (peer, leg)):
        one.answered_at = one.answered_at or now
        await become(session, one, LegState.TALKING, peer=other)
    _report_answer(session, leg, now)
    return peer


async def _take_over(session: AsyncSession, legs: Legs, leg: LineLeg, peer: LineLeg) -> None:
    """Of a citizen who was handed over, the desk that had him is let go."""
    giver = legs.holder
    if peer is legs.citizen and giver is not None and giver is not leg:
        await end(session, giver, ended_by="transferred")


def _report_answer(session: AsyncSession, leg: LineLeg, now: datetime) -> None:
    if leg.offer_token is None:
        news = CalleeAnswered(leg_id=str(leg.id), at=now)
        outbox.signal_call(session, leg.call_id, "callee_answered", news)
    else:
        answered = OperatorAnswered(token=leg.offer_token, leg_id=str(leg.id), at=now)
        outbox.signal_call(session, leg.call_id, "operator_answered", answered)


async def decline(session: AsyncSession, leg: LineLeg, outcome: DialOutcome = DialOutcome.REFUSED) -> bool:
    """Refuse a ringing leg; `outcome` says why, when it was called from here."""
    if not await stop_ringing(session, leg):
        return False
    at = await clock(session)
    if leg.offer_token is None:
        refused = CalleeRefused(leg_id=str(leg.id), at=at, outcome=outcome)
        outbox.signal_call(session, leg.call_id, "callee_refused", refused)
    else:
        news = OperatorDeclined(token=leg.offer_token, leg_id=str(leg.id), at=at)
        outbox.signal_call(session, leg.call_id, "operator_declined", news)
    return True


async def stop_ringing(session: AsyncSession, leg: LineLeg) -> bool:
    """End a ringing leg and let the citizen wait again; return False when it does not ring."""
    legs = Legs(await lock_call(session, leg.call_id))
    if not rings(leg):
        return False
    await end(session, leg, ended_by="declined")
    citizen = legs.citizen
    if citizen is not None and citizen.state is LegState.RINGING and citizen.id == leg.peer_id:
        await become(session, citizen, LegState.WAITING)
    return True
