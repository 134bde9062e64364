"""Web line: a citizen calls from a page, and two browsers find each other through us."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.base import id_from
from schemas.call import StartCall
from schemas.errors import Conflict, Invalid, NotFound, Throttled
from schemas.line import (
    Destination,
    LegSide,
    LegState,
    LegView,
    LineCall,
    SendSignal,
    Signal,
    SignalKind,
    StartLineCall,
)
from schemas.phone import normalise
from schemas.staff import Actor
from services import access, line_secret, line_throttle, line_wait
from services.line_secret import LEG
from store import line, line_ring, line_talk, outbox, recording
from store.line import LineLeg

LEAST_KEY = 16
PER_ADDRESS = 60  # calls a minute
PER_NUMBER = 20
NUMBER_WINDOW = timedelta(minutes=10)
PER_ATTEMPT = 200  # signals
PER_LEG = 2000
LARGEST = {SignalKind.OFFER: 64 * 1024, SignalKind.ANSWER: 64 * 1024, SignalKind.CANDIDATE: 4 * 1024}
NO_NUMBER = "Такого номера в центре нет. Выберите, куда позвонить."
SHORT_KEY = "Повторите звонок: ключ запроса слишком короткий."
OTHER_CALL = "Этот ключ запроса уже занят другим звонком."
RINGS_NO_MORE = "Вызов уже не звонит: его приняли, отменили или время вышло."
NO_TALK = "Разговор уже закончен."
WRONG_SIGNAL = "Сигнал соединения не разобран."
TOO_MANY = "Слишком много сигналов соединения. Завершите звонок и позвоните ещё раз."


@dataclass(frozen=True)
class LineFront:
    """One request of a telephone page: a citizen's (`secret` of his leg) or an employee's (`actor`).

    `begin` opens a transaction: what asks for a leg has none of its own.
    """

    session: AsyncSession
    begin: Callable[[], AbstractAsyncContextManager[AsyncSession]]
    valkey: Redis
    pepper: bytes
    ice_servers: tuple[dict[str, Any], ...] = ()
    address: str = ""
    zone: tzinfo = UTC
    actor: Actor | None = None
    secret: str | None = None

    def of(self, actor: Actor | None = None, secret: str | None = None) -> "LineFront":
        """Return the same request with its asker."""
        return replace(self, actor=actor, secret=secret)


# --- a citizen calls


async def start_call(front: LineFront, asked: StartLineCall, key: str) -> LineCall:
    """Begin a citizen's call: his leg and the start of its process, or the same answer to the same key."""
    if len(key) < LEAST_KEY:
        raise Invalid(SHORT_KEY)
    number = normalise(asked.number)
    leg_id, call_id = id_from("line-leg", key), id_from("line-call", key)
    leg = LineLeg(id=leg_id, call_id=call_id, side=LegSide.CITIZEN, number=number)
    answer = _line_call(front, leg)
    leg.token_hash = line_secret.hash_of(answer.token)
    there = await line.find_leg(front.session, leg.id)
    if there is None:
        dialled = await _dialled(front.session, asked.dialled)
        await _throttle(front, number)
        if at := await line.add_citizen(front.session, leg):
            _arrive(front.session, leg, dialled, at)
    elif there.number != number:
        raise Conflict(OTHER_CALL)
    return answer


async def list_destinations(session: AsyncSession) -> list[Destination]:
    """List whom a citizen can call."""
    return await line.list_destinations(session)


def _arrive(session: AsyncSession, leg: LineLeg, dialled: str, at: datetime) -> None:
    inbound = StartCall(
        call_id=leg.call_id,
        leg_id=str(leg.id),
        number=leg.number,
        dialled=dialled,
        confirmed=False,
        at=at,
    )
    outbox.start_call(session, inbound, leg.call_id)


async def _dialled(session: AsyncSession, typed: str) -> str:
    known = [destination.number for destination in await line.list_destinations(session)]
    if not known or not typed.strip():
        if not known:
            raise Invalid(fields={"dialled": NO_NUMBER})
        return known[0]
    try:
        dialled = normalise(typed, may_be_short=True)
    except Invalid:
        dialled = ""
    if dialled not in known:
        raise Invalid(fields={"dialled": NO_NUMBER})
    return dialled


async def _throttle(front: LineFront, number: str) -> None:
    if await line.count_calls(front.session, number, NUMBER_WINDOW) >= PER_NUMBER:
        raise Throttled(60)
    await line_throttle.count(front.valkey, front.pepper, "line", front.address, PER_ADDRESS)


def _line_call(front: LineFront, leg: LineLeg) -> LineCall:
    secret = line_secret.derive(front.pepper, LEG, leg.id)
    return LineCall(call_id=leg.call_id, leg_id=leg.id, token=secret, ice_servers=list(front.ice_servers))


# --- legs


async def get_leg(front: LineFront, leg_id: UUID, after: int = 0) -> LegView:
    """Show a leg to its page, with the signals after `after`; asking is the page's sign of life."""
    leg = await own_leg(front, leg_id)
    await line.touch(front.session, leg.id)
    if leg.lost_at is not None and leg.state is LegState.HELD:  # nothing is to be heard, so the page itself will do
        await front.session.close()  # one connection at a time
        async with front.begin() as session:
            await line_talk.mark_back(session, await own_leg(replace(front, session=session), leg_id))
        leg = await own_leg(front, leg_id)
    view = await _view(front.session, leg, after)
    return view.model_copy(update=await line_wait.tell(front.session, leg, front.zone))


async def answer(front: LineFront, leg_id: UUID, signal: SendSignal) -> LegView:
    """Pick up a ringing leg: its offer goes to the other side, the news to the process."""
    leg = await own_leg(front, leg_id)
    body = _checked(signal)
    if signal.kind is not SignalKind.OFFER:
        raise Invalid(WRONG_SIGNAL)
    peer = await line_ring.answer(front.session, leg)
    if peer is not None:
        await line.leave_signal(front.session, peer, body)
    elif not await _is_repeat(front.session, leg, signal):
        raise Conflict(RINGS_NO_MORE)
    return await _view(front.session, leg, 0)


async def send_signal(front: LineFront, leg_id: UUID, signal: SendSignal) -> None:
    """Leave a signal for the other side of a talk."""
    leg = await own_leg(front, leg_id)
    body = _checked(signal)
    if leg.lost_at is not None and signal.kind is SignalKind.OFFER:
        await line_talk.mark_back(front.session, leg)
    peer = await line.find_leg(front.session, leg.peer_id) if leg.peer_id else None
    if leg.state is not LegState.TALKING or peer is None or peer.state is not LegState.TALKING:
        raise Conflict(NO_TALK)
    of_attempt, of_leg = await line.count_signals(front.session, peer.id, signal.attempt)
    if of_attempt >= PER_ATTEMPT or of_leg >= PER_LEG:
        raise Conflict(TOO_MANY)
    await line.leave_signal(front.session, peer, body)


async def decline(front: LineFront, leg_id: UUID) -> None:
    """Refuse a ring; a repeat is harmless."""
    leg = await own_leg(front, leg_id)
    if not await line_ring.decline(front.session, leg) and leg.ended_by != "declined":
        raise Conflict(RINGS_NO_MORE)


async def hang_up(front: LineFront, leg_id: UUID) -> None:
    """End a talk, a wait or a ring from either side; a repeat is harmless."""
    leg = await own_leg(front, leg_id)
    if await line_ring.decline(front.session, leg):
        return
    if leg.state is not LegState.ENDED:
        await line_talk.hang_up(front.session, leg)


async def report_lost(front: LineFront, leg_id: UUID) -> None:
    """The page says that the operator's page is gone: his own, as it closes, or the citizen's, who hears nothing."""
    leg = await own_leg(front, leg_id)
    if leg.side is LegSide.CITIZEN:
        peer = await line.find_leg(front.session, leg.peer_id) if leg.peer_id else None
        leg = peer if peer is not None and peer.side is LegSide.OPERATOR else leg
    await line_talk.mark_lost(front.session, leg)


async def report_found(front: LineFront, leg_id: UUID) -> None:
    """The page hears the other side again: the operator's page was there all the time."""
    leg = await own_leg(front, leg_id)
    peer = await line.find_leg(front.session, leg.peer_id) if leg.peer_id else None
    if peer is not None and peer.side is LegSide.OPERATOR:
        await line_talk.mark_back(front.session, peer)


async def own_leg(front: LineFront, leg_id: UUID) -> LineLeg:
    """Return a leg of the asker's; of anybody else's, nothing is known."""
    leg = await line.find_leg(front.session, leg_id)
    if leg is None or not _is_own(front, leg):
        raise NotFound
    return leg


def _is_own(front: LineFront, leg: LineLeg) -> bool:
    if leg.side is LegSide.CITIZEN:
        return line_secret.is_right(front.secret, leg.token_hash)
    actor = front.actor
    return actor is not None and actor.desk_id == leg.desk_id and access.may(actor, "line.use")


async def _is_repeat(session: AsyncSession, leg: LineLeg, signal: SendSignal) -> bool:
    # The page asks again when the answer to its answer was lost.
    if leg.state is not LegState.TALKING or leg.peer_id is None:
        return False
    of_attempt, _ = await line.count_signals(session, leg.peer_id, signal.attempt)
    return of_attempt > 0


async def _view(session: AsyncSession, leg: LineLeg, after: int) -> LegView:
    is_over = leg.state is LegState.ENDED
    peer = await recording.find_peer(session, leg.id) if leg.peer_id else None
    rows = [] if is_over else await line.list_signals(session, leg.id, after)
    return LegView(
        leg_id=leg.id,
        call_id=leg.call_id,
        side=leg.side,
        state=leg.state,
        version=leg.version,
        peer_leg=peer.id if peer and not is_over else None,
        offers=peer is not None and not is_over and _offers(leg, peer),
        peer=leg.number if leg.side is LegSide.OPERATOR else None,
        ended_by=leg.ended_by,
        at=leg.ended_at or leg.answered_at or leg.created_at,
        recorded=peer is not None and peer.is_recorded,
        signals=tuple(Signal(seq=row.id or 0, kind=row.kind, attempt=row.attempt, body=row.body) for row in rows),
    )


def _offers(leg: LineLeg, peer: Row[Any]) -> bool:
    """Whether this page makes the WebRTC offer when the two get voice anew: a desk's does, of two alike the later."""
    if leg.side is not peer.side:
        return leg.side is LegSide.OPERATOR
    return bool(leg.created_at > peer.created_at)


def _checked(signal: SendSignal) -> SendSignal:
    """Keep what a signal may hold, within its bounds."""
    fields = ("candidate", "sdpMid", "sdpMLineIndex", "usernameFragment")
    kept = {name: signal.body[name] for name in fields if signal.body.get(name) is not None}
    if signal.kind is not SignalKind.CANDIDATE:
        kept = {"sdp": signal.body.get("sdp")}
    text = json.dumps(kept)
    is_flat = all(isinstance(value, str | int) for value in kept.values())
    if not is_flat or len(text) > LARGEST[signal.kind] or "\\u0000" in text or "\\ud" in text:
        raise Invalid(WRONG_SIGNAL)
    return signal.model_copy(update={"body": kept})
