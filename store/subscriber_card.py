"""Subscriber: what stands in the card beside the fields."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

Reader = tuple[UUID, bool]
"""Who reads, and whether he opens only the calls that he took part in."""

_SERVED = "(serving.answered_at IS NOT NULL OR serving.role = 'outbound') AND serving.role <> 'consult'"
_MAY_OPEN = """(NOT :own_only OR EXISTS (SELECT FROM serving mine
                 WHERE mine.call_id = {call} AND mine.employee_id = :employee))"""
_ENQUIRY = f"""
    SELECT call.id, call.started_at AS at, call.kind, call.talk_ended_at - call.answered_at AS talk,
           call.comment, call.postponed, call.filled,
           ARRAY(SELECT reason.name FROM call_reason JOIN reason ON reason.id = call_reason.reason_id
                 WHERE call_reason.call_id = call.id ORDER BY reason.position, reason.name) AS reasons,
           ARRAY(SELECT employee.full_name FROM serving JOIN employee ON employee.id = serving.employee_id
                 WHERE serving.call_id = call.id AND {_SERVED} ORDER BY serving.offered_at) AS employees,
           {_MAY_OPEN.format(call="call.id")} AS may_open
    FROM call WHERE call.subscriber_id = :subscriber AND call.answered_at IS NOT NULL AND call.ended_at IS NOT NULL"""
_ORDER = "ORDER BY call.started_at DESC, call.id DESC LIMIT :limit"
_FIRST = text(f"{_ENQUIRY} {_ORDER}")
_OLDER = text(f"{_ENQUIRY} AND (call.started_at, call.id) < (:at, :id) {_ORDER}")
# A wish or a postponed call is open until somebody has talked with the citizen after it.
_ANSWERED_SINCE = """EXISTS (SELECT FROM call later WHERE later.{column} = {value} AND later.started_at > {since}
                     AND later.answered_at IS NOT NULL)"""
_RECENT = "clock_timestamp() - interval '30 days'"
_OPEN = text(
    f"""(SELECT 'callback' AS kind, wish.call_id, wish.at, {_MAY_OPEN.format(call="wish.call_id")} AS may_open
         FROM callback_wish wish
         WHERE (wish.number = ANY(:numbers) OR wish.subscriber_id = :subscriber) AND wish.at > {_RECENT}
           AND NOT {_ANSWERED_SINCE.format(column="number", value="wish.number", since="wish.at")}
         ORDER BY wish.at DESC LIMIT :limit)
        UNION ALL
        (SELECT 'postponed', call.id, call.started_at, {_MAY_OPEN.format(call="call.id")} FROM call
         WHERE call.subscriber_id = :subscriber AND call.postponed AND call.started_at > {_RECENT}
           AND call.ended_at IS NOT NULL
           AND NOT {_ANSWERED_SINCE.format(column="subscriber_id", value=":subscriber", since="call.started_at")}
         ORDER BY call.started_at DESC LIMIT :limit)
        ORDER BY 3 DESC LIMIT :limit"""
)


async def list_enquiries(
    session: AsyncSession, whose: tuple[UUID, Reader], after: tuple[datetime, UUID] | None, limit: int
) -> list[Row[Any]]:
    """Return a page of the calls of a subscriber that were answered, newest first; which of them the reader opens."""
    values = {"subscriber": whose[0], "limit": limit, "employee": whose[1][0], "own_only": whose[1][1]}
    if after is None:
        return list((await session.execute(_FIRST, values)).all())
    return list((await session.execute(_OLDER, values | {"at": after[0], "id": after[1]})).all())


async def list_open(
    session: AsyncSession, subscriber_id: UUID | None, numbers: tuple[str, ...], reader: Reader, limit: int
) -> list[Row[Any]]:
    """Return what is still owed: wishes to be called back and postponed calls that no talk has followed."""
    values = {"subscriber": subscriber_id, "numbers": list(numbers), "limit": limit}
    values |= {"employee": reader[0], "own_only": reader[1]}
    return list((await session.execute(_OPEN, values)).all())
