"""Voicemail: what a citizen left whom nobody answered, a message or the wish to be called back."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.journal import JournalFilter
from schemas.page import Page, Place, Placed
from schemas.recording import RecordingState


class KeptVoicemail(Value):
    """The message is kept."""

    id: UUID
    call_id: UUID


class KeptWish(Value):
    """The place is kept: since when the citizen has been waiting, and the number that is to be called."""

    id: UUID
    call_id: UUID
    number: str
    queued_at: datetime


class VoicemailFilter(Value):
    """What narrows a list: values of one field by «or», fields by «and»."""

    queues: tuple[UUID, ...] = ()
    heard: bool | None = None
    numbers: tuple[str, ...] = ()
    name: str = ""

    def searched(self, typed: str) -> "VoicemailFilter":
        """Narrow to what was typed in the search field: a name, or a number or its beginning in any spelling."""
        found = JournalFilter().searched(typed)
        return self.model_copy(update={"numbers": found.numbers, "name": found.name})


class LeftRow(Placed):
    """What a message and a wish have in common; an unconfirmed number shows only the letters of a name."""

    id: UUID
    call_id: UUID
    at: datetime
    number: str
    confirmed: bool
    full_name: str | None = None
    queue: str | None = None

    @property
    def place(self) -> Place:
        """Return where the row stands in its list."""
        return Place(at=self.at, id=self.id)


class VoicemailView(LeftRow):
    """A message as those who may listen see it; `seconds` once it is prepared. `heard_by`: who was the first."""

    seconds: float | None = None
    state: RecordingState
    heard_by: str | None = None
    heard_at: datetime | None = None


class WishView(LeftRow):
    """A kept place: `queued_at`, since when the citizen has been waiting."""

    queued_at: datetime


class VoicemailPage(Page):
    """Which part of a list of messages or of kept places."""

    size: int = Field(default=50, ge=1, le=200)
