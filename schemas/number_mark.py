"""Number mark («метка номера»): a telephone number that is a nuisance, or whose calls are not taken, until when."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from schemas.base import PLAIN, Value
from schemas.errors import Invalid
from schemas.journal import JournalFilter
from schemas.page import Page, Place, Placed

LONGEST = timedelta(days=366)
NO_END = "Укажите срок: бессрочной эта метка не бывает."
ONLY_SUPERVISOR = "Заблокировать номер бессрочно может супервизор. Укажите срок."
PAST_END = "Срок уже прошёл."
FAR_END = "Срок не дольше года."


class MarkKind(StrEnum):
    """What the mark means: see MARK_WORDS."""

    NUISANCE = "nuisance"
    BLOCKED = "blocked"


class MarkEnd(StrEnum):
    """Why a mark ended: see MARK_END_WORDS."""

    LIFTED = "lifted"
    REPLACED = "replaced"
    EXPIRED = "expired"


MARK_WORDS = {MarkKind.NUISANCE: "Нежелательный", MarkKind.BLOCKED: "Заблокирован"}
MARK_END_WORDS = {MarkEnd.LIFTED: "Снята", MarkEnd.REPLACED: "Изменена", MarkEnd.EXPIRED: "Срок истёк"}


class EditMark(Value):
    """What a mark says; `until` is empty for a block that holds until it is lifted."""

    kind: MarkKind
    reason: str = Field(min_length=1, max_length=500, pattern=PLAIN)
    until: AwareDatetime | None = None

    def require_end(self, now: datetime, may_be_endless: bool) -> None:
        """Refuse an end that is missing, over, or too far away."""
        if self.until is None:
            if self.kind is MarkKind.NUISANCE or not may_be_endless:
                raise Invalid(fields={"until": NO_END if self.kind is MarkKind.NUISANCE else ONLY_SUPERVISOR})
        elif not now < self.until <= now + LONGEST:
            raise Invalid(fields={"until": FAR_END if self.until > now else PAST_END})


class SetMark(EditMark):
    """Mark a number, in any spelling."""

    number: str = Field(min_length=1, max_length=40, pattern=PLAIN)


class CallMark(EditMark):
    """Mark the number of a call."""


class MarkView(Placed):
    """A mark as the list shows it; `end` says why it ended, nothing while it holds."""

    id: UUID
    number: str
    kind: MarkKind
    reason: str
    set_at: datetime
    set_by: str
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    end: MarkEnd | None = None

    @property
    def is_live(self) -> bool:
        """Whether it holds."""
        return self.end is None

    @property
    def place(self) -> Place:
        """Return where the mark stands in its list."""
        return Place(at=self.set_at, id=self.id)


class MarkFilter(Value):
    """What narrows the list of marks: values of one field by «or», fields by «and»."""

    kinds: tuple[MarkKind, ...] = ()
    live: bool | None = None
    numbers: tuple[str, ...] = ()
    reason: str = ""

    def searched(self, typed: str) -> "MarkFilter":
        """Narrow to what was typed: the beginning of a number, or a part of the reason."""
        found = JournalFilter().searched(typed)
        return self.model_copy(update={"numbers": found.numbers, "reason": found.name})


class MarkPage(Page):
    """Which part of the list of marks."""

    size: int = Field(default=50, ge=1, le=200)


class NumberNews(Value):
    """What is to be known of the number that phones: its mark, and the how-manieth call within 24 hours this is."""

    mark: MarkView | None = None
    nth: int = 1
