"""Message: lists with the names of their senders, and the serving that lets one be sent."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.message_list import MessageFilter, MessagePage, MessageRow
from schemas.page import Rows
from store.page import Condition, Order, read
from store.subscriber import escaped, name_condition

# The call before its serving, as those who finish it: whoever waits here finds it finished, or goes first.
_HOLD_CALL = text("SELECT FROM call WHERE id = :call_id FOR KEY SHARE")
_IS_SERVED = "FROM serving WHERE call_id = :call_id AND employee_id = :employee_id AND finished_at IS NULL"
_HOLD_SERVING = text(f"SELECT id {_IS_SERVED} FOR SHARE")
_SERVING = text(f"SELECT id {_IS_SERVED}")
_PAGE = """SELECT m.id, m.channel, m.state, m.address AS "to", m.subject, m.text, m.call_id,
       coalesce(e.full_name, '') AS sender_name, m.created_at, m.changed_at, m.why,
       coalesce(s.full_name, '') AS full_name
FROM message m LEFT JOIN employee e ON e.id = m.sender_id LEFT JOIN subscriber s ON s.id = m.subscriber_id"""


async def hold_serving(session: AsyncSession, call_id: UUID, employee_id: UUID) -> bool:
    """Whether the employee serves the call, and goes on to until the end of the transaction."""
    await session.execute(_HOLD_CALL, {"call_id": call_id})
    held = await session.execute(_HOLD_SERVING, {"call_id": call_id, "employee_id": employee_id})
    return held.first() is not None


async def is_serving(session: AsyncSession, call_id: UUID, employee_id: UUID) -> bool:
    """Whether the employee serves the call now."""
    asked = {"call_id": call_id, "employee_id": employee_id}
    return (await session.execute(_SERVING, asked)).first() is not None


async def list_rows(session: AsyncSession, wanted: MessageFilter, page: MessagePage) -> Rows[MessageRow]:
    """Return one page of messages, newest first."""
    found = await read(session, _PAGE, _conditions(wanted), page, Order("m.created_at", "m.id"))
    return Rows.cut([MessageRow(**row) for row in found], page)


def _conditions(wanted: MessageFilter) -> Iterator[Condition]:
    for column, chosen in (("state", wanted.states), ("channel", wanted.channels), ("sender_id", wanted.senders)):
        if chosen:
            yield f"m.{column} = ANY(:{column})", {column: list(chosen)}
    for column, one in (("id", wanted.id), ("call_id", wanted.call_id), ("subscriber_id", wanted.subscriber_id)):
        if one is not None:
            yield f"m.{column} = :{column}", {column: one}
    for name, sign, at in (("since", ">=", wanted.since), ("until", "<", wanted.until)):
        if at is not None:
            yield f"m.created_at {sign} :{name}", {name: at}
    yield from _typed(wanted)


def _typed(wanted: MessageFilter) -> Iterator[Condition]:
    if wanted.numbers:
        begins = {f"number{nth}": f"{escaped(number)}%" for nth, number in enumerate(wanted.numbers)}
        yield f"({' OR '.join(f'lower(m.address) LIKE :{name}' for name in begins)})", begins
    if wanted.name:
        named, letters = name_condition(wanted.name)
        whose = f"m.subscriber_id IN (SELECT id FROM subscriber WHERE {named})"
        yield f"(lower(m.address) LIKE :begins OR {whose})", letters | {"begins": f"{escaped(wanted.name)}%"}
