"""Journal of calls and the figures of a day, as the asker may see them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from schemas.call import CallKind
from schemas.desk import DeskStatus
from schemas.journal import Choices, Day, DayFigures, HourFigures, JournalFilter, JournalPage, JournalRows
from services import access
from services.front import Front
from store import call_day, call_journal

ON_LINE = (DeskStatus.INCOMING, DeskStatus.OUTGOING)


async def list_calls(front: Front, wanted: JournalFilter, page: JournalPage) -> JournalRows:
    """List the asker's own calls, or, for who may see them, the calls of all (R45)."""
    access.require(front.actor, "call.list")
    return await call_journal.list_rows(front.session, source_of(front), wanted, page)


async def list_own_calls(front: Front, wanted: JournalFilter, page: JournalPage) -> JournalRows:
    """List the calls of the asker's own desk, whatever the role."""
    access.require(front.actor, "home.read")
    return await call_journal.list_rows(front.session, call_journal.own(front.actor.employee_id), wanted, page)


async def list_calls_of(front: Front, wanted: JournalFilter, page: JournalPage, is_masked: bool = False) -> JournalRows:
    """List the calls of one subscriber or number, whoever took them; of a masked caller, only that they were."""
    access.require(front.actor, "subscriber.read")
    found = await call_journal.list_rows(front.session, call_journal.everybody(), wanted, page)
    if not is_masked:
        return found
    hidden = {"full_name": None, "reasons": (), "comment": ""}
    return found.model_copy(update={"rows": tuple(row.model_copy(update=hidden) for row in found.rows)})


def source_of(front: Front) -> call_journal.Source:
    """Return the list that the asker's role reaches."""
    if access.is_own_only(front.actor, "call.list"):
        return call_journal.own(front.actor.employee_id)
    return call_journal.everybody()


async def get_choices(front: Front) -> Choices:
    """Return what the asker's list may be filtered by."""
    access.require(front.actor, "call.list")
    found = await call_journal.list_choices(front.session)
    return Choices(**{name: tuple((str(key), word) for key, word in pairs) for name, pairs in found.items()})


async def get_day(front: Front, day: Day) -> DayFigures:
    """Return the asker's own figures of a day (R75-R79)."""
    access.require(front.actor, "home.read")
    employee_id = front.actor.employee_id
    rings = await call_day.list_rings(front.session, employee_id, day.since, day.until)
    waiting_now, talk_norm = await call_day.count_waiting(front.session, employee_id, day.talk_norm)
    states = await call_day.sum_states(front.session, employee_id, day.since, day.until)
    hours = _by_hour(rings, day)
    return DayFigures(
        accepted=sum(hour.accepted for hour in hours),
        missed=sum(hour.missed for hour in hours),
        waiting_now=waiting_now,
        average_talk=_average(
            [ring.ended_at - ring.answered_at for ring in rings if ring.answered_at and ring.ended_at]
        ),
        talk_norm=talk_norm,
        on_line=sum((states.get(status, timedelta()) for status in ON_LINE), timedelta()),
        on_break=states.get(DeskStatus.BREAK, timedelta()),
        by_hour=hours,
    )


def _by_hour(rings: Sequence[Row[Any]], day: Day) -> tuple[HourFigures, ...]:
    accepted: dict[int, int] = {}
    missed: dict[int, int] = {}
    for ring in rings:
        if ring.kind != CallKind.INBOUND or not (ring.answered_at or ring.finished_at):
            continue
        hour = ring.offered_at.astimezone(day.since.tzinfo).hour
        counted = accepted if ring.answered_at else missed
        counted[hour] = counted.get(hour, 0) + 1
    known = sorted({*accepted, *missed})
    span = range(known[0], known[-1] + 1) if known else ()
    return tuple(HourFigures(hour=hour, accepted=accepted.get(hour, 0), missed=missed.get(hour, 0)) for hour in span)


def _average(lengths: Sequence[timedelta]) -> timedelta | None:
    return sum(lengths, timedelta()) / len(lengths) if lengths else None
