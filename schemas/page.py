"""Page: a part of a list that is read by the place of its rows, newest first."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar
from uuid import UUID

from pydantic import Field

from schemas.base import Value


class Place(Value):
    """A row's place in the order of a list (newest first): where a page begins or ends."""

    at: datetime
    id: UUID

    @property
    def text(self) -> str:
        """Return the place as an address carries it."""
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place, or nothing when the address was tampered with."""
        at, _, row = text.partition("_")
        try:
            place = cls(at=datetime.fromisoformat(at), id=UUID(row))
        except ValueError:
            return None
        return place if place.at.tzinfo else None


class Page(Value):
    """Which part of a list: the first one, or the one after or before a place. How long one may be, each list says."""

    size: int = Field(ge=1)
    after: Place | None = None
    before: Place | None = None

    @property
    def place(self) -> Place | None:
        """Return where the page begins; the first one begins nowhere."""
        return self.after or self.before

    @property
    def is_backwards(self) -> bool:
        """Whether the rows before a place are wanted: those next to it, which are the oldest of them."""
        return self.before is not None and self.after is None


class Placed(Value, ABC):
    """A row of a list that is read by place."""

    @property
    @abstractmethod
    def place(self) -> Place:
        """Return where the row stands in its list."""


Row = TypeVar("Row", bound=Placed)


class Rows(Value, Generic[Row]):
    """A part of a list, newest first, and whether there is more on either side."""

    rows: tuple[Row, ...]
    has_newer: bool = False
    has_older: bool = False

    @classmethod
    def cut(cls, found: Sequence[Row], page: Page) -> Self:
        """Return the page out of what was found in its own direction, with one row more than it has, if there is."""
        rows, has_more = tuple(found[: page.size]), len(found) > page.size
        if page.is_backwards:
            return cls(rows=rows[::-1], has_newer=has_more, has_older=True)
        return cls(rows=rows, has_newer=page.after is not None, has_older=has_more)

    @property
    def next_after(self) -> str:
        """Return where the older part begins."""
        return self.rows[-1].place.text if self.rows and self.has_older else ""

    @property
    def prev_before(self) -> str:
        """Return where the newer part ends."""
        return self.rows[0].place.text if self.rows and self.has_newer else ""


class Dated(Protocol):
    """A row of a list that only grows downwards (of a card, page after page)."""

    @property
    def at(self) -> datetime: ...

    @property
    def id(self) -> UUID: ...


def next_place(rows: Sequence[Dated], has_more: bool) -> str:
    """Return where the older part of such a list begins."""
    return Place(at=rows[-1].at, id=rows[-1].id).text if rows and has_more else ""
