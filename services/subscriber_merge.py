"""Subscribers: two cards that are one person become one, and can become two again."""

from uuid import UUID

from schemas.errors import Conflict, Invalid, NotFound
from schemas.subscriber import FIELD_WORDS, SubscriberView
from schemas.subscriber_merge import Comparison, MergeSubscribers, MergeView, Side
from services import subscriber
from services import subscriber_history as history
from services.access import require
from services.front import Front
from store import audit
from store import subscriber_merge as store

MOST_PROPOSED = 20
SELF = "Карточку нельзя объединить с ней самой."


async def list_proposed(front: Front, subscriber_id: UUID, typed: str) -> list[SubscriberView]:
    """Return cards to merge with: those found by what was typed, or those that look like the same person."""
    require(front.actor, "subscriber.merge")
    card = await subscriber.get_subscriber(front, subscriber_id)
    found = await store.list_like(front.session, card, typed.replace("\x00", "").strip()[:200], MOST_PROPOSED)
    return [subscriber.view_of(one) for one in found]


async def compare(front: Front, kept_id: UUID, merged_id: UUID) -> Comparison:
    """Return two cards side by side, an empty field filled from the other one."""
    require(front.actor, "subscriber.merge")
    if kept_id == merged_id:
        raise Conflict(SELF)
    kept = await subscriber.get_subscriber(front, kept_id)
    merged = await subscriber.get_subscriber(front, merged_id)
    return Comparison(kept=kept, merged=merged, sides=tuple(_side(name, kept, merged) for name in FIELD_WORDS))


async def merge(front: Front, kept_id: UUID, order: MergeSubscribers) -> MergeView:
    """Make two cards one: the chosen fields, and all calls, messages and wishes of both."""
    require(front.actor, "subscriber.merge")
    if kept_id == order.merged_id:
        raise Conflict(SELF)
    if not {*order.taken} <= {*FIELD_WORDS}:
        raise Invalid(fields={"taken": "Такого поля нет."})
    found = await store.lock_both(front.session, kept_id, order.merged_id)
    kept, merged = found[kept_id], found[order.merged_id]
    for card, version in ((kept, order.version), (merged, order.merged_version)):
        if card.version != version:
            raise await history.overtaken(front, card.id, version)
    wanted = subscriber.view_of(kept).model_dump(include={*FIELD_WORDS})
    wanted |= {name: getattr(merged, name) for name in order.taken}
    values = dict(subscriber.checked(subscriber.card_of(wanted)))
    row = await store.merge(front.session, kept, merged, values, front.actor.employee_id)
    _audit(front, "merge", row, order.merged_id)
    return MergeView(id=row.id, kept_id=kept_id, merged_id=order.merged_id, version=kept.version)


async def undo(front: Front, merge_id: UUID) -> MergeView:
    """Make two cards of one again: everything goes back to where it was; the last merge of a card first."""
    require(front.actor, "subscriber.merge")
    row = await store.find(front.session, merge_id)
    if row is None:
        raise NotFound("Такого объединения нет, или оно уже отменено.")
    if await store.newest(front.session, row.kept_id) != merge_id:
        raise Conflict("Сначала отмените более позднее объединение этой карточки.")
    kept, merged = await store.undo(front.session, row, front.actor.employee_id)
    _audit(front, "unmerge", row, merged.id)
    return MergeView(id=row.id, kept_id=kept.id, merged_id=merged.id, version=kept.version)


async def list_standing(front: Front, subscriber_id: UUID) -> set[UUID]:
    """Return which merge of a card the actor could take back now."""
    if not subscriber.may_merge(front):
        return set()
    newest = await store.newest(front.session, subscriber_id)
    return {newest} if newest else set()


def _audit(front: Front, verb: str, row: store.SubscriberMerge, merged_id: UUID) -> None:
    said = {"merge_id": str(row.id), "merged_id": str(merged_id)}
    audit.record(front.session, front.actor.employee_id, ("subscriber", verb), row.kept_id, **said)


def _side(name: str, kept: SubscriberView, merged: SubscriberView) -> Side:
    values = [None if value is None else str(value) for value in (getattr(kept, name), getattr(merged, name))]
    mine, other = (history.shown(name, value) for value in values)
    proposed = "merged" if mine is None and other is not None else "kept"
    return Side(field=name, word=FIELD_WORDS[name], kept=mine, merged=other, choice=proposed)
