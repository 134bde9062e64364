"""A week of the demo centre, as plain values: shifts, the states of desks in them, and the calls they took."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from schemas.desk import DeskStatus

DAYS = 7
LEAST_SHIFT = timedelta(minutes=20)


@dataclass(frozen=True)
class Spell:
    """A desk was in one state from `begin` to `end`."""

    status: DeskStatus
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Talk:
    """A call that a desk took; a missed one was offered and not taken."""

    started_at: datetime
    offered_at: datetime
    answered_at: datetime
    talk_ended_at: datetime
    finished_at: datetime

    @classmethod
    def drawn(cls, random: Random, offered_at: datetime) -> "Talk":
        answered = offered_at + timedelta(seconds=random.uniform(2, 9))
        ended = answered + timedelta(seconds=min(900.0, random.lognormvariate(5.0, 0.7)))
        return cls(
            started_at=offered_at - timedelta(seconds=min(600.0, random.expovariate(1 / 35))),
            offered_at=offered_at,
            answered_at=answered,
            talk_ended_at=ended,
            finished_at=ended + timedelta(seconds=random.uniform(8, 75)),
        )


def shifts(now: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the beginning and end of each day's shift; today's one has just ended, whatever the hour is."""
    today = now.astimezone(zone).date()
    for ago in range(DAYS - 1, 0, -1):
        day = today - timedelta(days=ago)
        closing = 14 if day.weekday() > 4 else 20
        yield datetime.combine(day, time(8), zone), datetime.combine(day, time(closing), zone)
    midnight, opening = (datetime.combine(today, time(hour), zone) for hour in (0, 8))
    begin, end = max(midnight, min(opening, now - timedelta(hours=5))), now - timedelta(minutes=2)
    if end - begin > LEAST_SHIFT:
        yield begin, end


def spells(random: Random, begin: datetime, end: datetime) -> Iterator[Spell]:
    """Yield a shift without gaps: a break at login, then calls with pauses, half an hour of calling out."""
    at = begin + timedelta(minutes=random.uniform(1, 4))
    yield Spell(DeskStatus.BREAK, begin, at)
    pauses = [(DeskStatus.BREAK, 12), (DeskStatus.BREAK, 40), (DeskStatus.OUTGOING, 30), (DeskStatus.BREAK, 12)]
    while at < end:
        until = min(end, at + timedelta(minutes=random.uniform(80, 130)))
        yield Spell(DeskStatus.INCOMING, at, until)
        if until < end and pauses:
            status, minutes = pauses.pop(0)
            at = min(end, until + timedelta(minutes=minutes * random.uniform(0.8, 1.2)))
            yield Spell(status, until, at)
        else:
            at = until


def talks(random: Random, spell: Spell) -> Iterator[Talk]:
    """Yield the calls that one desk took in a spell of incoming calls: never two at once, all of them finished."""
    at = spell.begin + timedelta(seconds=random.uniform(5, 90))
    while True:
        talk = Talk.drawn(random, at)
        if talk.finished_at >= spell.end:
            return
        yield talk
        at = talk.finished_at + timedelta(seconds=random.expovariate(1 / 800))


def abandoned(random: Random, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the callers of a shift who did not wait for an answer."""
    at = begin + timedelta(minutes=random.uniform(10, 60))
    while at < end - timedelta(minutes=5):
        yield at, at + timedelta(seconds=random.uniform(15, 200))
        at += timedelta(minutes=random.expovariate(1 / 50))
