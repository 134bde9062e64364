"""Whose call it is: the subscriber linked to a call, and whether the caller showed to be him."""

from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.timeline import EventKind
from store import call_event, live
from store.call import Call, Serving

_MESSAGES = text("UPDATE message SET subscriber_id = :subscriber_id WHERE call_id = :call_id")


async def link(session: AsyncSession, call_id: UUID, subscriber_id: UUID, actor_id: UUID) -> None:
    """Say that this subscriber is calling, and was sent the call's messages; said twice, it is written once."""
    call = await session.get_one(Call, call_id, with_for_update=True, populate_existing=True)
    if call.subscriber_id == subscriber_id:
        return
    call.subscriber_id = subscriber_id
    await session.execute(_MESSAGES, {"subscriber_id": subscriber_id, "call_id": call_id})
    key = f"subscriber:{subscriber_id}:{call.version}"
    await call_event.record(session, call_id, key, EventKind.SUBSCRIBER_CHOSEN, actor_id=actor_id)
    await _announce(session, call)


async def confirm(session: AsyncSession, call_id: UUID, actor_id: UUID) -> None:
    """Say that the caller has shown who he is."""
    call = await session.get_one(Call, call_id, with_for_update=True, populate_existing=True)
    if call.confirmed:
        return
    call.confirmed = True
    await call_event.record(session, call_id, "confirmed", EventKind.CONFIRMED, actor_id=actor_id)
    await _announce(session, call)


async def has_served(session: AsyncSession, subscriber_id: UUID, employee_id: UUID) -> bool:
    """Whether this employee answered a call of this subscriber, or is being rung by one now."""
    statement = (
        select(func.count())
        .select_from(Call)
        .join(Serving, col(Serving.call_id) == Call.id)
        .where(
            col(Call.subscriber_id) == subscriber_id,
            col(Call.confirmed),
            col(Serving.employee_id) == employee_id,
            col(Serving.answered_at).is_not(None) | col(Serving.finished_at).is_(None),
        )
        .limit(1)
    )
    return bool((await session.execute(statement)).scalar())


async def _announce(session: AsyncSession, call: Call) -> None:
    call.version += 1
    await session.flush()
    live.notice(session, live.role("supervisor"), "calls", call.id)
    if call.employee_id is not None:
        for name in ("call", "calls"):
            live.notice(session, live.person(call.employee_id), name, call.id)
