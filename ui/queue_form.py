"""The form of a queue: what is typed in it, and the settings that this means."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas import calendar
from schemas.calendar import DAYS, WorkingHours
from schemas.errors import Invalid
from schemas.phone import shown
from schemas.queue_settings import QueueSettings, QueueView
from schemas.sentences import invalid

NUMBERS = ("priority", "ring_seconds", "misses_to_break", "choice_seconds")
LIMITS = ("wait_seconds", "post_processing_seconds", "talk_norm_seconds")
ALWAYS, BY_DAYS = "always", "days"
MEMBER = "member-"
TWICE = "Этот день указан дважды."
NO_DATE = "Укажите дату."


@dataclass(frozen=True)
class SpecialDay:
    """A row of «Особые дни»."""

    date: str = ""
    hours: str = ""
    error: str = ""


@dataclass(frozen=True)
class TypedQueue:
    """The form as it is typed: a refusal shows it again, letter by letter."""

    texts: dict[str, str]
    recorded: bool = True
    mode: str = ALWAYS
    week: dict[str, str] = field(default_factory=dict)
    special: tuple[SpecialDay, ...] = ()
    members: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: FormData) -> "TypedQueue":
        """Return what a sent form says."""
        texts = {
            name: text_of(form, name) for name in ("name", "numbers", "greeting", "after_lapse", *NUMBERS, *LIMITS)
        }
        dates, hours = texts_of(form, "special_date"), texts_of(form, "special_hours")
        rows = zip(dates, hours, strict=False)
        return cls(
            texts=texts,
            recorded=bool(form.get("recorded")),
            mode=BY_DAYS if form.get("mode") == BY_DAYS else ALWAYS,
            week={day: text_of(form, day) for day in DAYS},
            special=tuple(SpecialDay(date, typed) for date, typed in rows if date or typed),
            members={name[len(MEMBER) :]: text_of(form, name) for name in form if name.startswith(MEMBER)},
        )

    @classmethod
    def of(cls, settings: QueueSettings | QueueView) -> "TypedQueue":
        """Return the form of settings as they are."""
        hours = settings.hours or WorkingHours()
        texts = {name: "" if (value := getattr(settings, name)) is None else str(value) for name in (*NUMBERS, *LIMITS)}
        texts |= {"name": settings.name, "greeting": settings.greeting, "after_lapse": settings.after_lapse or ""}
        return cls(
            texts=texts | {"numbers": "\n".join(shown(number) for number in settings.numbers)},
            recorded=settings.recorded,
            mode=BY_DAYS if settings.hours else ALWAYS,
            week={day: calendar.written_spans(getattr(hours, day)) for day in DAYS},
            special=tuple(
                SpecialDay(day.isoformat(), calendar.written_spans(spans))
                for day, spans in sorted(hours.holidays.items())
            ),
            members={str(member.employee_id): str(member.priority) for member in settings.members},
        )

    def settings(self) -> QueueSettings:
        """Return what is typed as settings; every field that is wrong is said at once."""
        hours, wrong = self._hours()
        values: dict[str, Any] = {name: self.texts[name] for name in ("name", "greeting", *NUMBERS)}
        values |= {name: self.texts[name] or None for name in (*LIMITS, "after_lapse")}
        values |= {"numbers": self.texts["numbers"].replace(",", "\n").split("\n"), "recorded": self.recorded}
        values["numbers"] = [number for number in values["numbers"] if number.strip()]
        typed = [(one, priority) for one, priority in self.members.items() if priority]
        values["members"] = [{"employee_id": one, "priority": priority} for one, priority in typed]
        try:
            settings = QueueSettings(**values, hours=hours)
        except ValidationError as error:
            raise Invalid(fields=invalid(error).fields | wrong) from None
        if wrong:
            raise Invalid(fields=wrong)
        return settings

    def _hours(self) -> tuple[WorkingHours | None, dict[str, str]]:
        if self.mode == ALWAYS:
            return None, {}
        days: dict[str, Any] = {day: calendar.typed_spans(typed) for day, typed in self.week.items()}
        wrong = {f"special-{place}": NO_DATE for place, day in enumerate(self.special) if not day.date}
        dates = [day.date for day in self.special]
        wrong |= {f"special-{place}": TWICE for place, date in enumerate(dates) if date and date in dates[:place]}
        days["holidays"] = {day.date: calendar.typed_spans(day.hours) for day in self.special if day.date}
        try:
            return calendar.read(days), wrong
        except Invalid as refusal:
            return None, {self._field(place): said for place, said in refusal.fields.items()} | wrong

    def _field(self, place: str) -> str:
        """Return the form's own name of a day that the calendar refused."""
        date = place.removeprefix("holidays.")
        dates = [day.date for day in self.special]
        return f"special-{dates.index(date)}" if date in dates else place


def text_of(form: FormData, name: str) -> str:
    return plain(str(form.get(name, "")))


def texts_of(form: FormData, name: str) -> Sequence[str]:
    return [plain(str(value)) for value in form.getlist(name)]


def plain(typed: str) -> str:
    return typed.replace("\x00", "").replace("\r\n", "\n").strip()


def version_of(form: FormData) -> int:
    typed = str(form.get("version", ""))
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1


def is_member(typed: TypedQueue, employee_id: UUID) -> bool:
    return bool(typed.members.get(str(employee_id)))
