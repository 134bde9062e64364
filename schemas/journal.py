"""Journal: what a list of calls shows, what narrows it, and the figures of a day."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from schemas.base import PLAIN, Value
from schemas.call import ENDS, CallStage, DialOutcome
from schemas.page import Page, Place, Placed, Rows


class Channel(StrEnum):
    """«Тип канала» of a row: see CHANNEL_WORDS."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    MISSED = "missed"


CHANNEL_WORDS = {Channel.INBOUND: "Входящие", Channel.OUTBOUND: "Исходящие", Channel.MISSED: "Пропущенные"}


class Result(StrEnum):
    """«Результат» of a row: see RESULT_WORDS."""

    WAITING = "waiting"
    CHOOSING = "choosing"
    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    POST_PROCESSING = "post_processing"
    FINISHED = "finished"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    FAILED = "failed"


RESULT_WORDS = {
    Result.WAITING: "В очереди",
    Result.CHOOSING: "Абонент выбирает",
    Result.RINGING: "Входящий вызов",
    Result.DIALLING: "Исходящий вызов",
    Result.TALKING: "Разговор",
    Result.POST_PROCESSING: "Постобработка",
    Result.FINISHED: "Завершён",
    Result.ABANDONED: "Не дождался ответа",
    Result.VOICEMAIL: "Голосовая почта",
    Result.CALLBACK: "Просит перезвонить",
    Result.NO_ANSWER: "Не ответил",
    Result.BUSY: "Занято",
    Result.REFUSED: "Абонент отклонил",
    Result.UNREACHABLE: "Недоступен",
    Result.CANCELLED: "Отменён",
    Result.REJECTED: "Отклонён",
    Result.FAILED: "Прерван",
}
_UNDER_WAY = (Result.WAITING, Result.CHOOSING, Result.RINGING, Result.DIALLING, Result.TALKING, Result.POST_PROCESSING)
ENDED = tuple(result for result in Result if result not in _UNDER_WAY)
"""Results that a list may be filtered by."""

UNANSWERED = tuple(outcome for outcome in DialOutcome if outcome is not DialOutcome.ANSWERED)
"""Outcomes of a dialling that say more than the stage of the call."""

SHORTEST_NUMBER = 2
STAGES = frozenset(stage.value for stage in CallStage)
LONG_NUMBER = 11  # 8 or 7, and ten digits


class JournalFilter(Value):
    """What narrows a list: values of one field by «or», fields by «and»."""

    channels: tuple[Channel, ...] = ()
    reasons: tuple[UUID, ...] = ()
    queues: tuple[UUID, ...] = ()
    employees: tuple[UUID, ...] = ()
    results: tuple[Result, ...] = ()
    postponed: bool | None = None
    subscriber_id: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    numbers: tuple[Annotated[str, Field(max_length=40, pattern=PLAIN)], ...] = Field(default=(), max_length=10)
    name: str = Field(default="", max_length=200, pattern=PLAIN)

    @property
    def stages(self) -> tuple[CallStage, ...]:
        """Return those of the results that are stages of a call."""
        return tuple(CallStage(result.value) for result in self.results if result.value in STAGES)

    @property
    def outcomes(self) -> tuple[DialOutcome, ...]:
        """Return those of the results that tell how a dialling ended."""
        asked = {result.value for result in self.results}
        return tuple(outcome for outcome in UNANSWERED if outcome.value in asked)

    def searched(self, typed: str) -> "JournalFilter":
        """Narrow to what was typed in the search field: a name, or a number or its beginning in any spelling."""
        digits = "".join(sign for sign in typed if sign.isdigit())
        if len(digits) < SHORTEST_NUMBER or any(sign.isalpha() for sign in typed):
            return self.model_copy(update={"name": " ".join(typed.split())})
        return self.model_copy(update={"numbers": _spellings(typed.strip(), digits)})


def _spellings(typed: str, digits: str) -> tuple[str, ...]:
    if typed.startswith("+"):
        return (f"+{digits}",)
    if len(digits) == LONG_NUMBER:
        return (f"+7{digits[1:]}",)
    as_typed = (f"+7{digits}", digits)
    return (*as_typed, f"+7{digits[1:]}") if digits[0] in "78" else as_typed


class JournalPage(Page):
    """Which part of a list of calls."""

    size: int = Field(default=50, ge=1, le=500)


class JournalRow(Placed):
    """One row of a list of calls; a length is empty while it is not over.

    `at` orders the list (an own list by the ring of the desk), `started_at` is «время звонка».
    `employees` are all who talked with the citizen, in order: a call that was handed over has several.
    """

    id: UUID
    call_id: UUID
    at: datetime
    started_at: datetime
    number: str
    confirmed: bool
    channel: Channel
    stage: CallStage
    outcome: DialOutcome | None = None
    full_name: str | None = None
    waiting: timedelta | None = None
    talk: timedelta | None = None
    post_processing: timedelta | None = None
    reasons: tuple[str, ...] = ()
    comment: str = ""
    postponed: bool = False
    employees: tuple[str, ...] = ()
    queue: str | None = None

    @property
    def place(self) -> Place:
        """Return where the row stands in its list."""
        return Place(at=self.at, id=self.id)

    @property
    def total(self) -> timedelta | None:
        """Return «продолжительность звонка»: waiting, talk and post-processing together."""
        lengths = [length for length in (self.waiting, self.talk, self.post_processing) if length is not None]
        return sum(lengths, timedelta()) if lengths else None

    @property
    def result(self) -> Result:
        """Return how the call ended, or where it is."""
        if self.outcome in UNANSWERED and self.stage in ENDS:
            return Result(self.outcome)
        if self.channel is Channel.OUTBOUND and self.stage is CallStage.RINGING:
            return Result.DIALLING
        return Result(self.stage)

    @property
    def employee_text(self) -> str:
        """Return the operators as one line."""
        return ", ".join(self.employees)

    @property
    def reason_text(self) -> str:
        """Return the reasons as one line."""
        return ", ".join(self.reasons)


class JournalRows(Rows[JournalRow]):
    """A part of a list, newest first, and whether there is more on either side."""


class Day(Value):
    """The day of «Главная» in the zone of the centre, and the centre's own norm of a talk."""

    since: datetime
    until: datetime
    talk_norm: timedelta


class DayFigures(Value):
    """«Главная»: an operator's own figures of one day."""

    accepted: int
    missed: int
    waiting_now: int
    average_talk: timedelta | None
    talk_norm: timedelta
    on_line: timedelta
    on_break: timedelta
    by_hour: tuple["HourFigures", ...] = ()

    @property
    def at_work(self) -> timedelta:
        """Return the whole working time: everything but «Неактивный»."""
        return self.on_line + self.on_break

    @property
    def is_above_norm(self) -> bool:
        """Whether talks are longer than the norm."""
        return self.average_talk is not None and self.average_talk > self.talk_norm


class HourFigures(Value):
    """One column of the picture: calls of an hour of the centre's day."""

    hour: int
    accepted: int = 0
    missed: int = 0

    @property
    def total(self) -> int:
        """Return the height of the column."""
        return self.accepted + self.missed


class Choices(Value):
    """Values that a list may be filtered by: pairs of id and name."""

    reasons: tuple[tuple[str, str], ...] = ()
    queues: tuple[tuple[str, str], ...] = ()
    employees: tuple[tuple[str, str], ...] = ()
