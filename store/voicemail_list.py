"""Voicemail: the lists of what citizens left, messages and wishes to be called back, newest first."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.page import Rows
from schemas.subscriber import masked_name
from schemas.voicemail import VoicemailFilter, VoicemailPage, VoicemailView, WishView
from store.page import Condition, Order, read
from store.subscriber import escaped, name_condition

_ORDER = Order("l.at", "l.id")
_COLUMNS = "l.id, l.call_id, l.at, l.number, c.confirmed, s.full_name, q.name AS queue"
_FROM = """JOIN call c ON c.id = l.call_id LEFT JOIN queue q ON q.id = l.queue_id
       LEFT JOIN subscriber s ON s.id = l.subscriber_id LEFT JOIN employee e ON e.id = {heard_by}"""
_MESSAGES = (
    f"SELECT {_COLUMNS}, l.seconds, l.state, e.full_name AS heard_by, l.heard_at "
    f"FROM voicemail l {_FROM.format(heard_by='l.heard_by')}"
)
_WISHES = f"SELECT {_COLUMNS}, l.queued_at FROM callback_wish l {_FROM.format(heard_by='NULL')}"
_LEFT = text("SELECT call_id FROM voicemail WHERE call_id = ANY(:calls) AND object IS NOT NULL")


async def list_messages(session: AsyncSession, wanted: VoicemailFilter, page: VoicemailPage) -> Rows[VoicemailView]:
    """Return one page of messages."""
    heard = {None: "true", True: "l.heard_at IS NOT NULL", False: "l.heard_at IS NULL AND l.state <> 'expired'"}
    found = await read(session, _MESSAGES, [(heard[wanted.heard], {}), *_conditions(wanted)], page, _ORDER)
    return Rows.cut([VoicemailView(**_masked(row)) for row in found], page)


async def list_wishes(session: AsyncSession, wanted: VoicemailFilter, page: VoicemailPage) -> Rows[WishView]:
    """Return one page of kept places."""
    found = await read(session, _WISHES, _conditions(wanted), page, _ORDER)
    return Rows.cut([WishView(**_masked(row)) for row in found], page)


async def find_message(session: AsyncSession, voicemail_id: UUID) -> VoicemailView | None:
    """Return one message."""
    found = (await session.execute(text(f"{_MESSAGES} WHERE l.id = :id"), {"id": voicemail_id})).mappings().first()
    return VoicemailView(**_masked(found)) if found else None


async def list_left(session: AsyncSession, call_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these calls left something to play."""
    return set((await session.execute(_LEFT, {"calls": list(call_ids)})).scalars())


def _conditions(wanted: VoicemailFilter) -> Iterator[Condition]:
    if wanted.queues:
        yield "l.queue_id = ANY(:queues)", {"queues": list(wanted.queues)}
    if wanted.numbers:
        begins = {f"number{nth}": f"{escaped(number)}%" for nth, number in enumerate(wanted.numbers)}
        yield f"({' OR '.join(f'l.number LIKE :{name}' for name in begins)})", begins
    if wanted.name:
        named, letters = name_condition(wanted.name)
        yield f"l.subscriber_id IN (SELECT id FROM subscriber WHERE {named})", letters


def _masked(row: RowMapping) -> dict[str, Any]:
    name = row["full_name"]
    return {**row, "full_name": name if row["confirmed"] or not name else masked_name(name)}
