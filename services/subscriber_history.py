"""Subscribers: who changed what in a card, and what to tell those whose change came second."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from schemas import phone, snils
from schemas.errors import Stale
from schemas.page import Place, next_place
from schemas.subscriber import FIELD_WORDS, HIDDEN, TYPE_WORDS, SubscriberType
from schemas.subscriber_change import PRIVATE, ChangePage, ChangeView, FieldChange, Overtaken
from schemas.subscriber_zone import ZONES
from services.access import may
from services.front import Front
from store import subscriber_change as store

SIZE = 20
SHOWN: dict[str, Callable[[str], str]] = {
    "type": lambda value: TYPE_WORDS[SubscriberType(value)],
    "birth_date": lambda value: date.fromisoformat(value).strftime("%d.%m.%Y"),
    "snils": snils.shown,
    "contact_phone": phone.shown,
    "mobile_phone": phone.shown,
    "time_zone": lambda value: ZONES.get(value, value),
}
"""How people read a value that is kept otherwise."""


async def list_changes(front: Front, subscriber_id: UUID, after: Place | None = None) -> ChangePage:
    """Return a page of the history of a card that the actor may open, newest first."""
    place = (after.at, after.id) if after else None
    rows = await store.list_changes(front.session, subscriber_id, place, SIZE + 1)
    shown = tuple(_view_of(row, _sees_all(front)) for row in rows[:SIZE])
    return ChangePage(rows=shown, next_after=next_place(shown, len(rows) > SIZE))


async def overtaken(front: Front, subscriber_id: UUID, version: int) -> Stale:
    """Return the refusal of a change that came second: who was first, when, and what it was."""
    rows = await store.list_since(front.session, subscriber_id, version)
    if not rows:
        return Stale()
    base: dict[str, str | None] = {}
    theirs: dict[str, str | None] = {}
    for row in rows:
        for name, (old, new) in row.changes.items():
            base.setdefault(name, old)
            theirs[name] = new
    at = rows[-1].at.astimezone(front.zone).strftime("%d.%m.%Y %H:%M")
    changes = tuple(_view_of(row, _sees_all(front)) for row in rows)
    return Overtaken(changes, at, rows[-1].version).with_values(base, theirs)


def shown(name: str, value: str | None) -> str | None:
    """Return a value of a field as people read it."""
    return SHOWN[name](value) if value and name in SHOWN else value


def _sees_all(front: Front) -> bool:
    return may(front.actor, "subscriber.read_passport")


def _view_of(row: Row[Any], sees_all: bool) -> ChangeView:
    names = [name for name in FIELD_WORDS if name in row.changes]
    fields = tuple(_field(name, row.changes[name], sees_all or name not in PRIVATE) for name in names)
    said = {name: getattr(row, name) for name in ("id", "act", "version", "at", "actor_name", "merge_id")}
    return ChangeView(**said, fields=fields)


def _field(name: str, pair: list[str | None], is_open: bool) -> FieldChange:
    old, new = (shown(name, value) if is_open or not value else HIDDEN for value in pair)
    return FieldChange(field=name, word=FIELD_WORDS[name], old=old, new=new)
