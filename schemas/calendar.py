"""Calendar: working hours by the wall clock of the office, and whether it is open at an instant."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from schemas.base import Value
from schemas.errors import Invalid
from schemas.sentences import sentence_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = {
    "mon": "понедельник",
    "tue": "вторник",
    "wed": "среда",
    "thu": "четверг",
    "fri": "пятница",
    "sat": "суббота",
    "sun": "воскресенье",
}
MIDNIGHT = "24:00"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Span = tuple[str, str]
"""From and to, «ЧЧ:ММ»; 24:00 is the day's end. An end that is not later lies in the next day."""


def minutes_of(clock: str) -> int:
    """Return the minutes from midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def check_span(span: Span) -> Span:
    opens, closes = span
    if not _CLOCK.fullmatch(opens) or not (_CLOCK.fullmatch(closes) or closes == MIDNIGHT):
        raise ValueError("Время пишется так: 08:00.")
    if opens == closes:
        raise ValueError("Начало и конец совпадают. Круглые сутки пишутся так: 00:00–24:00.")
    return span


def check_day(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Only the last span of a day may run over midnight; breaks lie between spans."""
    ordered = tuple(sorted(spans))
    for (_, closes), (opens, _) in pairwise(ordered):
        if minutes_of(closes) > minutes_of(opens):
            raise ValueError("Часы одного дня пересекаются.")
    if any(is_overnight(span) for span in ordered[:-1]):
        raise ValueError("За полночь может переходить только последний промежуток дня.")
    return ordered


def check_date(written: Any) -> Any:
    if isinstance(written, str) and not _DATE.fullmatch(written):
        raise ValueError("Введите дату в виде ДД.ММ.ГГГГ.")
    return written


Day = Annotated[tuple[Annotated[Span, AfterValidator(check_span)], ...], Field(max_length=6), AfterValidator(check_day)]
SpecialDate = Annotated[date, BeforeValidator(check_date)]


class WorkingHours(Value):
    """Hours of each day of the week; a special day («holidays») has its own instead, none at all when it is closed."""

    mon: Day = ()
    tue: Day = ()
    wed: Day = ()
    thu: Day = ()
    fri: Day = ()
    sat: Day = ()
    sun: Day = ()
    holidays: dict[SpecialDate, Day] = Field(default_factory=dict, max_length=366)

    @property
    def is_ever_open(self) -> bool:
        """Whether any day has hours."""
        return any(getattr(self, day) for day in DAYS) or any(self.holidays.values())

    def of(self, day: date) -> tuple[Span, ...]:
        """Return the hours that begin on this day."""
        week: tuple[Span, ...] = getattr(self, DAYS[day.weekday()])
        return self.holidays.get(day, week)


_TYPED = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?\s*")


def typed_spans(text: str) -> list[Span]:
    """Return the hours of a day as people type them: «8-12, 13:00–20:00»; what is none is refused when it is read."""
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    found = [(part.strip(), _TYPED.fullmatch(part)) for part in parts]
    return [(_clock(m[1], m[2]), _clock(m[3], m[4])) if m else (part, part) for part, m in found]


def written_spans(spans: Iterable[Span]) -> str:
    """Return the hours of a day as they are read."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in spans)


def _clock(hours: str, minutes: str | None) -> str:
    return f"{int(hours):02d}:{minutes or '00'}"


Hours = WorkingHours | Mapping[str, Any] | None
"""The model, or what the column `queue.hours` holds; None is always open."""


def read(hours: Mapping[str, Any]) -> WorkingHours:
    """Return the hours that an administrator wrote, or refuse with the field (`mon`, `holidays.2026-12-31`)."""
    try:
        return WorkingHours.model_validate(hours)
    except ValidationError as error:
        raise Invalid(fields={place_of(p["loc"]): sentence_of(p) for p in reversed(error.errors())}) from None


def place_of(loc: tuple[str | int, ...]) -> str:
    """Return the day that an error of pydantic lies in."""
    return ".".join(str(part) for part in loc[: 2 if loc and loc[0] == "holidays" else 1])


def is_open(hours: Hours, at: datetime, zone: tzinfo) -> bool:
    """Whether the office works at this instant."""
    if hours is None:
        return True
    today = at.astimezone(zone).date()
    near = (today - timedelta(days=1), today)
    return any(opens <= at < closes for opens, closes in _spans(_model(hours), near, zone))


def opens_at(hours: Hours, at: datetime, zone: tzinfo) -> datetime | None:
    """Return the first instant not before `at` when the office works (`at` itself when it does); None is never."""
    if hours is None:
        return at
    week, today = _model(hours), at.astimezone(zone).date()
    # A whole week of ordinary days, however many special days lie in it, and every special day to come.
    ahead = {today + timedelta(days=shift) for shift in range(-1, 8 + len(week.holidays))}
    ahead |= {day for day in week.holidays if day > today}
    return min((max(opens, at) for opens, closes in _spans(week, ahead, zone) if closes > at), default=None)


def is_overnight(span: Span) -> bool:
    """Whether the span ends in the next day."""
    return minutes_of(span[1]) <= minutes_of(span[0])


def _model(hours: WorkingHours | Mapping[str, Any]) -> WorkingHours:
    return hours if isinstance(hours, WorkingHours) else WorkingHours.model_validate(hours)


def _spans(hours: WorkingHours, days: Iterable[date], zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    for day in days:
        for span in hours.of(day):
            last = day + timedelta(days=is_overnight(span))
            yield _instant(day, span[0], zone, 0), max(_instant(last, span[1], zone, fold) for fold in (0, 1))


def _instant(day: date, clock: str, zone: tzinfo, fold: int) -> datetime:
    """An hour that the clocks skip is told by the clock before the jump; one that comes twice, by `fold`."""
    if clock == MIDNIGHT:
        day, clock = day + timedelta(days=1), "00:00"
    wall = datetime.combine(day, time.fromisoformat(clock), zone).replace(fold=fold)
    return wall.astimezone(UTC)
