"""Settings of a queue, as the administrator writes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from schemas.base import PLAIN, Value
from schemas.calendar import WorkingHours
from schemas.desk import DeskStatus
from schemas.errors import Invalid
from schemas.phone import normalise

AFTER_LAPSE = (DeskStatus.INCOMING, DeskStatus.BREAK)
Limit = Annotated[int, Field(ge=5, le=86400)]


def check_number(typed: str) -> str:
    try:
        return normalise(typed, may_be_short=True)
    except Invalid:
        raise ValueError("Введите номера: +7 и десять цифр или короткий номер, каждый с новой строки.") from None


class Member(Value):
    """An employee of the queue; the lower `priority` is asked first."""

    employee_id: UUID
    priority: int = Field(default=0, ge=0, le=99)


class QueueSettings(Value):
    """All that an administrator decides about a queue. Times in seconds, None = no limit; `hours` None = always."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PLAIN)]
    numbers: tuple[Annotated[str, AfterValidator(check_number)], ...] = Field(default=(), max_length=50)
    priority: int = Field(default=0, ge=0, le=100)
    ring_seconds: int = Field(default=20, ge=5, le=120)
    misses_to_break: int = Field(default=3, ge=1, le=20)
    wait_seconds: Limit | None = None
    choice_seconds: int = Field(default=60, ge=10, le=600)
    post_processing_seconds: Limit | None = None
    after_lapse: DeskStatus | None = None
    talk_norm_seconds: Limit | None = None
    greeting: str = Field(default="", max_length=1000, pattern=PLAIN)
    recorded: bool = True
    hours: WorkingHours | None = None
    members: tuple[Member, ...] = Field(default=(), max_length=2000)

    @field_validator("after_lapse")
    @classmethod
    def check_after_lapse(cls, status: DeskStatus | None) -> DeskStatus | None:
        """Only what the form offers: a desk is never made inactive by a limit."""
        if status is not None and status not in AFTER_LAPSE:
            raise ValueError("Выберите «Входящие» или «Перерыв».")
        return status

    @field_validator("hours")
    @classmethod
    def check_hours(cls, hours: WorkingHours | None) -> WorkingHours | None:
        """A queue that never opens is a mistake; one that is not needed is archived."""
        if hours is not None and not hours.is_ever_open:
            raise ValueError("Укажите часы хотя бы одного дня.")
        return hours

    @field_validator("members")
    @classmethod
    def check_members(cls, members: tuple[Member, ...]) -> tuple[Member, ...]:
        """One row an employee."""
        if len({member.employee_id for member in members}) < len(members):
            raise ValueError("Сотрудник указан дважды.")
        return tuple(sorted(members, key=lambda member: (member.priority, str(member.employee_id))))


class QueueView(QueueSettings):
    """A queue with its settings; `version` grows with each change."""

    id: UUID
    version: int
    archived_at: datetime | None = None


class QueueRow(Value):
    """A line of the list «Очереди»; `today` are the hours that begin today, `opens_at` is said of a closed one."""

    id: UUID
    name: str
    numbers: tuple[str, ...]
    priority: int
    members: int
    waiting: int
    ring_seconds: int
    is_always_open: bool
    is_open: bool
    today: tuple[tuple[str, str], ...]
    opens_at: datetime | None
    archived_at: datetime | None


class Candidate(Value):
    """An employee who may serve a queue."""

    id: UUID
    full_name: str
    login: str
