"""Lists of messages: what narrows them, and their pages."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from schemas.base import Value
from schemas.journal import JournalFilter
from schemas.message import MessageChannel, MessageState, MessageView
from schemas.page import Page, Place, Placed


class MessageFilter(Value):
    """What narrows a list: values of one field by «or», fields by «and»."""

    states: tuple[MessageState, ...] = ()
    channels: tuple[MessageChannel, ...] = ()
    senders: tuple[UUID, ...] = ()
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    id: UUID | None = None
    call_id: UUID | None = None
    subscriber_id: UUID | None = None
    numbers: tuple[str, ...] = ()
    name: str = ""

    def searched(self, typed: str) -> "MessageFilter":
        """Narrow to what was typed in the search field: the beginning of a number or of an address."""
        found = JournalFilter().searched(typed)
        return self.model_copy(update={"numbers": found.numbers, "name": found.name.lower()})


class MessagePage(Page):
    """Which part of a list of messages."""

    size: int = Field(default=20, ge=1, le=100)


class MessageRow(MessageView, Placed):
    """A row of a list; `full_name`: to whom."""

    full_name: str = ""

    @property
    def place(self) -> Place:
        """Return where the row stands in its list."""
        return Place(at=self.created_at, id=self.id)

    @property
    def first_line(self) -> str:
        """Return what a list shows of it: the subject, or the first line of the text."""
        return self.subject or next((line for line in self.text.splitlines() if line.strip()), "")
