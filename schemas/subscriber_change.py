"""Subscriber: what was changed in a card, when and by whom."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from schemas.base import Value
from schemas.errors import Refusal, Stale
from schemas.subscriber import FIELD_WORDS


class Act(StrEnum):
    """Why a card changed: see ACT_WORDS."""

    ADDED = "added"
    SAVED = "saved"
    IMPORTED = "imported"
    MERGED = "merged"
    UNMERGED = "unmerged"


ACT_WORDS = {
    Act.ADDED: "Карточка создана",
    Act.SAVED: "Карточка изменена",
    Act.IMPORTED: "Загружено из файла",
    Act.MERGED: "Карточки объединены",
    Act.UNMERGED: "Объединение отменено",
}

PRIVATE = ("passport", "snils")
"""Whose values stand in the history only for who may see them there."""


class FieldChange(Value):
    """One field before and after, as people read it."""

    field: str
    word: str
    old: str | None
    new: str | None


class ChangeView(Value):
    """One line of «История изменений»."""

    id: UUID
    act: Act
    version: int
    at: datetime
    actor_name: str | None = None
    merge_id: UUID | None = None
    fields: tuple[FieldChange, ...] = ()


class ChangePage(Value):
    """A page of the history; `next_after` is empty on the last one."""

    rows: tuple[ChangeView, ...] = ()
    next_after: str = ""


class Overtaken(Stale):
    """Somebody changed the card meanwhile: who, when and what. `changes` are all of them since, in order."""

    sentence = "Карточку уже изменили: {who}, {at}. Изменено: {what}."

    def __init__(self, changes: tuple[ChangeView, ...], at: str, current: int) -> None:
        names = dict.fromkeys(one.word for change in changes for one in change.fields)
        super().__init__(who=changes[-1].actor_name or "—", at=at, what=", ".join(names) or "—")
        self.changes, self.current = changes, current
        self.base: dict[str, str | None] = {}
        self.theirs: dict[str, str | None] = {}
        self.fields = {one.field: f"{one.old or '—'} → {one.new or '—'}" for c in changes for one in c.fields}

    def with_values(self, base: dict[str, str | None], theirs: dict[str, str | None]) -> "Overtaken":
        """Return it with what the changed fields were when they were read, and what they are now."""
        self.base, self.theirs = base, theirs
        return self


class Merged(Refusal):
    """The card is one with another: look there."""

    code, status = "merged", 410
    sentence = "Эта карточка объединена с другой."

    def __init__(self, subscriber_id: UUID) -> None:
        super().__init__()
        self.subscriber_id = subscriber_id


def changes_between(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [old, new]} of the fields that differ, in the card's order, as JSON holds them."""
    pairs = {name: [_json(old.get(name)), _json(new.get(name))] for name in FIELD_WORDS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _json(value: Any) -> str | None:
    return None if value is None else str(value)


class Difference(Value):
    """A field that somebody else changed while a form was open."""

    field: str
    word: str
    base: str | None
    theirs: str | None
    mine: str | None

    @property
    def is_conflict(self) -> bool:
        """Whether both changed it, each in his way."""
        return self.mine not in (self.base, self.theirs)

    def shown(self, spell: Callable[[str, str | None], str | None]) -> "Difference":
        """Return it as people read it."""
        said = {name: spell(self.field, getattr(self, name)) for name in ("base", "theirs", "mine")}
        return self.model_copy(update=said)


def differences(overtaken: Overtaken, mine: dict[str, str | None]) -> list[Difference]:
    """Return what the first one changed, beside what the second one has in his form."""
    names = [name for name in FIELD_WORDS if overtaken.base.get(name) != overtaken.theirs.get(name)]
    return [
        Difference(
            field=name,
            word=FIELD_WORDS[name],
            base=overtaken.base[name],
            theirs=overtaken.theirs[name],
            mine=mine.get(name),
        )
        for name in names
    ]
