"""Subscribers: the card of who phones, found, filled in, confirmed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas import subscriber_check as check
from schemas.call import CallView
from schemas.errors import Conflict, Invalid, NotFound, Stale
from schemas.subscriber import Caller, SaveSubscriber, SubscriberView, has_field
from schemas.subscriber_change import Act, Merged
from schemas.subscriber_check import kept, trimmed
from services import call as calls
from services import subscriber_history as history
from services.access import is_own_only, may, require
from services.front import Front
from store import audit, call_subscriber
from store import subscriber as store

NOT_YOURS = "Изменить абонента может сотрудник, который обслуживает этот звонок."


async def get_caller(front: Front, call: CallView) -> Caller:
    """Return who phones: the linked subscriber, or those who share the number; masked until confirmed."""
    require(front.actor, "subscriber.read")
    is_masked = not (call.confirmed and call.may_know)
    shown = _masked_view if is_masked else view_of
    if call.subscriber_id is None:
        found = await store.list_by_number(front.session, call.number)
        return Caller(candidates=tuple(shown(one) for one in found), is_masked=is_masked)
    linked = await store.get_standing(front.session, call.subscriber_id)
    return Caller(subscriber=shown(linked), is_masked=is_masked)


async def note_opened(front: Front, subscriber_id: UUID, call_id: UUID | None = None) -> None:
    """Record who opened whose card (personal data are looked at under a name)."""
    said = {"call_id": str(call_id)} if call_id else {}
    audit.record(front.session, front.actor.employee_id, ("subscriber", "read"), subscriber_id, **said)


async def get_subscriber(front: Front, subscriber_id: UUID) -> SubscriberView:
    """Return a card; an operator opens those whose confirmed calls he served. A merged one says where it went."""
    require(front.actor, "subscriber.read")
    found = await store.get(front.session, subscriber_id)
    target = found.merged_into or subscriber_id
    if is_own_only(front.actor, "call.read") and not await _has_served(front, target):
        raise NotFound()
    if found.merged_into is not None:
        raise Merged(found.merged_into)
    return view_of(found)


async def save_subscriber(front: Front, subscriber_id: UUID, version: int, typed: SaveSubscriber) -> SubscriberView:
    """Change a card that nobody changed meanwhile; else say who did, when and what."""
    require(front.actor, "subscriber.save")
    await get_subscriber(front, subscriber_id)
    try:
        saved = await store.save(front.session, subscriber_id, version, checked(typed), by=(Act.SAVED, _me(front)))
    except Stale:
        raise await history.overtaken(front, subscriber_id, version) from None
    audit.record(front.session, _me(front), ("subscriber", "save"), subscriber_id, version=saved.version)
    return view_of(saved)


async def add_for_call(front: Front, call_id: UUID, typed: SaveSubscriber) -> SubscriberView:
    """Make a card for an unknown caller and link the call to it (R153)."""
    require(front.actor, "subscriber.save")
    call = await _my_call(front, call_id)
    if call.subscriber_id is not None:
        raise Conflict("К этому звонку уже привязан абонент.")
    saved = await store.add(front.session, checked(typed), by=(Act.ADDED, _me(front)))
    audit.record(front.session, _me(front), ("subscriber", "add"), saved.id, call_id=str(call_id))
    # Who was typed in by hand during this very talk has said who he is.
    await call_subscriber.confirm(front.session, call_id, front.actor.employee_id)
    await call_subscriber.link(front.session, call_id, saved.id, front.actor.employee_id)
    return view_of(saved)


async def choose_for_call(front: Front, call_id: UUID, subscriber_id: UUID) -> None:
    """Say which of those who share the number is phoning (R153)."""
    require(front.actor, "subscriber.save")
    call = await _my_call(front, call_id)
    shared = await store.list_by_number(front.session, call.number)
    if subscriber_id not in {one.id for one in shared}:
        raise Invalid("Выберите абонента из списка.")
    await call_subscriber.link(front.session, call_id, subscriber_id, front.actor.employee_id)
    if call.confirmed:
        await note_opened(front, subscriber_id, call_id)


async def confirm_caller(front: Front, call_id: UUID) -> None:
    """Open the personal data of a caller who has shown who he is."""
    require(front.actor, "subscriber.read")
    call = await _my_call(front, call_id)
    await call_subscriber.confirm(front.session, call_id, front.actor.employee_id)
    if call.subscriber_id is not None:  # from here on the open card shows whose it is
        await note_opened(front, call.subscriber_id, call_id)


def checked(typed: SaveSubscriber) -> SaveSubscriber:
    """Return the card as it is kept: phones as E.164, numbers as digits; refuse what is misspelt."""
    values = trimmed(dict(typed))
    if wrong := wrong_in(values):
        raise Invalid(fields=wrong)
    return SaveSubscriber(**kept(values))


def card_of(values: Mapping[str, Any]) -> SaveSubscriber:
    """Return a card of these values, without the fields that its type does not have."""
    return SaveSubscriber(**{name: value for name, value in values.items() if has_field(values["type"], name)})


def wrong_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is misspelt in a card: {field: sentence}."""
    return check.wrong_in(values, datetime.now(UTC).date())


async def _my_call(front: Front, call_id: UUID) -> CallView:
    call = await calls.get_call(front, call_id)
    if not call.is_mine:
        raise Conflict(NOT_YOURS)
    return call


async def _has_served(front: Front, subscriber_id: UUID) -> bool:
    return await call_subscriber.has_served(front.session, subscriber_id, front.actor.employee_id)


def may_merge(front: Front) -> bool:
    """Whether the actor may make two cards one."""
    return may(front.actor, "subscriber.merge")


def _me(front: Front) -> UUID:
    return front.actor.employee_id


def view_of(subscriber: store.Subscriber) -> SubscriberView:
    """Return a card as people read it."""
    return SubscriberView(**{name: getattr(subscriber, name) for name in SubscriberView.model_fields})


def _masked_view(subscriber: store.Subscriber) -> SubscriberView:
    return view_of(subscriber).masked()
