"""Subscriber: two cards that are one person."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.subscriber import FIELD_WORDS, SubscriberView


class MergeSubscribers(Value):
    """Make `merged_id` a part of the card; `taken`: the fields whose values come from it. Both as they were read."""

    merged_id: UUID
    version: int
    merged_version: int
    taken: tuple[str, ...] = Field(default=(), max_length=len(FIELD_WORDS))


class MergeView(Value):
    """A merge that stands."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    version: int


class Side(Value):
    """One field of two cards; `choice`: whose value the dialog proposes."""

    field: str
    word: str
    kept: str | None
    merged: str | None
    choice: Literal["kept", "merged"] = "kept"

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return self.kept != self.merged


class Comparison(Value):
    """Two cards side by side."""

    kept: SubscriberView
    merged: SubscriberView
    sides: tuple[Side, ...]
