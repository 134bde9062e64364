"""Web line: what a citizen's page says while nobody has answered yet."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from schemas import calendar
from schemas.line import Choice, LegSide, LegState, Waiting
from store import line_wait, number_mark
from store.base import clock
from store.line import LineLeg

DEFAULT_SERVING = timedelta(minutes=3)
FEWEST_SERVINGS = 5
"""Of fewer calls an average says nothing."""
CUT, BLOCKED = "exchange", "blocked"
"""Ended by the centre; and what the page then says of a number whose calls are not taken."""


async def tell(session: AsyncSession, leg: LineLeg, zone: tzinfo) -> dict[str, Any]:
    """Return the fields of LegView that a citizen needs who waits, may leave a message, or is not taken at all."""
    if leg.side is LegSide.CITIZEN and leg.state is LegState.WAITING:
        return {"waiting": await find_waiting(session, leg, zone)}
    if leg.state is LegState.CHOOSING:
        return {"choice": await find_choice(session, leg, zone)}
    if leg.ended_by == CUT and await number_mark.was_refused(session, leg.call_id):
        return {"ended_by": BLOCKED}
    return {}


async def find_waiting(session: AsyncSession, leg: LineLeg, zone: tzinfo) -> Waiting | None:
    """Return the place of a waiting call in its queue; None while the call is not in one."""
    now = datetime.now(zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    place = await line_wait.find_place(session, leg.call_id, midnight)
    if place is None:
        return None
    return Waiting(position=place.position, expected_seconds=expect(place))


def expect(place: line_wait.Place) -> int | None:
    """Return how long it may take: those up to this caller, each served as long as usual, by all who are there."""
    if not place.operators:
        return None
    serving = place.average if place.served >= FEWEST_SERVINGS else DEFAULT_SERVING
    return round(place.position * serving.total_seconds() / place.operators)


async def find_choice(session: AsyncSession, leg: LineLeg, zone: tzinfo) -> Choice | None:
    """Return why the citizen is asked, and for how long."""
    queue = await line_wait.find_queue(session, leg.call_id)
    if queue is None:
        return None
    now = await clock(session)
    closed = not calendar.is_open(queue.hours, now, zone)
    opens_at = calendar.opens_at(queue.hours, now, zone) if closed else None
    return Choice(closed=closed, opens_at=opens_at, seconds=queue.choice_seconds)
