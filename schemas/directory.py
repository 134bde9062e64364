"""Directory («справочник»): a list of values that people choose from, kept by the administrator."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import PLAIN, Value


class Directory(StrEnum):
    """Which list."""

    BREAK_REASONS = "break-reasons"
    CALL_REASONS = "call-reasons"


DIRECTORY_WORDS = {
    Directory.BREAK_REASONS: "Причины перерыва",
    Directory.CALL_REASONS: "Причины звонка",
}


class EntryName(Value):
    """What an entry is called."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=PLAIN)]


class EntryPosition(Value):
    """The place of an entry among those that can be chosen, from 0."""

    position: int = Field(ge=0, le=1000)


class EntryView(Value):
    """A value of the list; an archived one is chosen no more, what it was chosen for keeps it."""

    id: UUID
    name: str
    archived_at: datetime | None = None


class ChoiceView(Value):
    """A value that can be chosen."""

    id: UUID
    name: str

    @property
    def key(self) -> str:
        """The id as other rows keep it."""
        return str(self.id)
