"""Web line: who is in the call of a desk, and what became of its hand-over."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.call import DialOutcome, ServingRole
from schemas.line import LegSide, LegState
from schemas.line_party import FailedTransfer, HandedBy, PartyKind, PartyLink, PhoneParty, PhoneTransfer
from store.desk import Desk
from store.line import LineLeg
from store.line_ring import rings
from store.line_talk import IN_TALK, Legs
from store.staff import Employee

_LINKS = {LegState.HELD: PartyLink.HELD, LegState.PARKED: PartyLink.PARKED}
_FAILED = text(
    """SELECT f.seq, f.details->>'why' AS why, coalesce(e.full_name, s.details->>'number') AS name,
              EXISTS (SELECT FROM call_event a WHERE a.call_id = f.call_id AND a.kind = 'transfer_answered'
                      AND a.seq BETWEEN s.seq AND f.seq) AS was_answered
       FROM call_event f
       JOIN LATERAL (SELECT b.seq, b.actor_id, b.details FROM call_event b WHERE b.call_id = f.call_id
                     AND b.kind = 'transfer_started' AND b.seq < f.seq ORDER BY b.seq DESC LIMIT 1) s ON true
       LEFT JOIN employee e ON e.id::text = s.details->>'to'
       JOIN desk d ON d.employee_id = s.actor_id AND d.id = :desk_id
       WHERE f.call_id = :call_id AND f.kind = 'transfer_failed' AND f.at > clock_timestamp() - interval '20 seconds'
       ORDER BY f.seq DESC LIMIT 1"""
)


async def find_parties(session: AsyncSession, mine: LineLeg) -> Mapping[str, Any]:
    """Return the fields of a Softphone that tell of the others in the call of this leg."""
    found = await _open_legs(session, mine.call_id)
    legs, names = Legs([leg for leg, _ in found]), {leg.id: name for leg, name in found}
    citizen, holder, target = legs.citizen, legs.holder, legs.target
    if citizen is None or holder is None or target is None:
        return {"failed": await _find_failed(session, mine) if mine is holder else None}
    if mine is target:
        handed_by = HandedBy(name=_name(holder, names), consult=target.role is ServingRole.CONSULT)
        return {"handed_by": handed_by, "parties": _row(legs, names, mine) if mine.state in IN_TALK else ()}
    return {"transfer": _transfer(target, names), "parties": _row(legs, names, mine)}


async def _open_legs(session: AsyncSession, call_id: UUID) -> list[tuple[LineLeg, str | None]]:
    who = select(LineLeg, col(Employee.full_name)).outerjoin(Desk, col(Desk.id) == col(LineLeg.desk_id))
    who = who.outerjoin(Employee, col(Employee.id) == col(Desk.employee_id)).where(col(LineLeg.call_id) == call_id)
    open_ = who.where(col(LineLeg.state) != LegState.ENDED).order_by(col(LineLeg.created_at), col(LineLeg.id))
    return [(leg, name) for leg, name in await session.execute(open_)]


async def _find_failed(session: AsyncSession, mine: LineLeg) -> FailedTransfer | None:
    asked = {"call_id": mine.call_id, "desk_id": mine.desk_id}
    row = (await session.execute(_FAILED, asked)).mappings().one_or_none()
    if row is None or row["why"] == DialOutcome.CANCELLED:  # he took it back himself
        return None
    return FailedTransfer(**row)


def _transfer(target: LineLeg, names: Mapping[UUID, str | None]) -> PhoneTransfer:
    return PhoneTransfer(
        name=_name(target, names),
        is_outside=target.side is LegSide.CITIZEN,
        is_answered=not rings(target),
        since=target.answered_at or target.created_at,
    )


def _row(legs: Legs, names: Mapping[UUID, str | None], mine: LineLeg) -> tuple[PhoneParty, ...]:
    citizen, holder, target = legs.citizen, legs.holder, legs.target
    assert citizen is not None
    assert holder is not None
    assert target is not None
    return (
        PhoneParty(kind=PartyKind.CITIZEN, name=citizen.number, link=_LINKS.get(citizen.state, PartyLink.TALK)),
        PhoneParty(kind=_kind(holder, mine), name=_name(holder, names), link=_link_to(target)),
        PhoneParty(kind=_kind(target, mine), name=_name(target, names)),
    )


def _link_to(target: LineLeg) -> PartyLink:
    return PartyLink.RINGING if rings(target) else PartyLink.TALK


def _kind(leg: LineLeg, mine: LineLeg) -> PartyKind:
    if leg is mine:
        return PartyKind.ME
    return PartyKind.COLLEAGUE if leg.side is LegSide.OPERATOR else PartyKind.OUTSIDE


def _name(leg: LineLeg, names: Mapping[UUID, str | None]) -> str:
    return names.get(leg.id) or leg.number
