"""Subscribers: the card of who phones, found, filled in, confirmed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from schemas.call import CallView
from schemas.errors import Conflict, Invalid, NotFound
from schemas.phone import normalise
from schemas.subscriber import Caller, SaveSubscriber, SubscriberView
from services import call as calls
from services.access import is_own_only, require
from services.front import Front
from store import audit, call_subscriber
from store import subscriber as store

NOT_YOURS = "Изменить абонента может сотрудник, который обслуживает этот звонок."
PHONES = ("contact_phone", "mobile_phone")
SOME_NUMBER = "+79000000000"
OLDEST = date(1900, 1, 1)


async def get_caller(front: Front, call: CallView) -> Caller:
    """Return who phones: the linked subscriber, or those who share the number; masked until confirmed."""
    require(front.actor, "subscriber.read")
    is_masked = not (call.confirmed and call.may_know)
    shown = _masked_view if is_masked else _view
    if call.subscriber_id is None:
        found = await store.list_by_number(front.session, call.number)
        return Caller(candidates=tuple(shown(one) for one in found), is_masked=is_masked)
    linked = await store.get(front.session, call.subscriber_id)
    return Caller(subscriber=shown(linked), is_masked=is_masked)


async def note_opened(front: Front, subscriber_id: UUID, call_id: UUID | None = None) -> None:
    """Record who opened whose card (personal data are looked at under a name)."""
    said = {"call_id": str(call_id)} if call_id else {}
    audit.record(front.session, front.actor.employee_id, ("subscriber", "read"), subscriber_id, **said)


async def get_subscriber(front: Front, subscriber_id: UUID) -> SubscriberView:
    """Return a card; an operator opens those whose confirmed calls he served."""
    require(front.actor, "subscriber.read")
    found = await store.get(front.session, subscriber_id)
    if is_own_only(front.actor, "call.read") and not await _has_served(front, subscriber_id):
        raise NotFound()
    return _view(found)


async def save_subscriber(front: Front, subscriber_id: UUID, version: int, typed: SaveSubscriber) -> SubscriberView:
    """Change a card that nobody changed meanwhile."""
    require(front.actor, "subscriber.save")
    await get_subscriber(front, subscriber_id)
    saved = await store.save(front.session, subscriber_id, version, checked(typed))
    audit.record(front.session, front.actor.employee_id, ("subscriber", "save"), subscriber_id, version=saved.version)
    return _view(saved)


async def add_for_call(front: Front, call_id: UUID, typed: SaveSubscriber) -> SubscriberView:
    """Make a card for an unknown caller and link the call to it (R153)."""
    require(front.actor, "subscriber.save")
    call = await _my_call(front, call_id)
    if call.subscriber_id is not None:
        raise Conflict("К этому звонку уже привязан абонент.")
    saved = await store.add(front.session, checked(typed))
    audit.record(front.session, front.actor.employee_id, ("subscriber", "add"), saved.id, call_id=str(call_id))
    # Who was typed in by hand during this very talk has said who he is.
    await call_subscriber.confirm(front.session, call_id, front.actor.employee_id)
    await call_subscriber.link(front.session, call_id, saved.id, front.actor.employee_id)
    return _view(saved)


async def choose_for_call(front: Front, call_id: UUID, subscriber_id: UUID) -> None:
    """Say which of those who share the number is phoning (R153)."""
    require(front.actor, "subscriber.save")
    call = await _my_call(front, call_id)
    shared = await store.list_by_number(front.session, call.number)
    if subscriber_id not in {one.id for one in shared}:
        raise Invalid("Выберите абонента из списка.")
    await call_subscriber.link(front.session, call_id, subscriber_id, front.actor.employee_id)


async def confirm_caller(front: Front, call_id: UUID) -> None:
    """Open the personal data of a caller who has shown who he is."""
    require(front.actor, "subscriber.read")
    await _my_call(front, call_id)
    await call_subscriber.confirm(front.session, call_id, front.actor.employee_id)


def checked(typed: SaveSubscriber) -> SaveSubscriber:
    """Return the card with its phones as E.164 and empty fields as nothing; refuse what is misspelt."""
    values: dict[str, Any] = {n: value.strip() or None if isinstance(value, str) else value for n, value in typed}
    if wrong := wrong_in(values):
        raise Invalid(fields=wrong)
    return SaveSubscriber(**values | {name: normalise(values[name]) for name in PHONES if values[name]})


def wrong_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is misspelt in a card: {field: sentence}."""
    wrong = {} if values["full_name"] else {"full_name": "Укажите ФИО или название организации."}
    for name in PHONES:
        try:
            normalise(values[name] or SOME_NUMBER)
        except Invalid as refusal:
            wrong[name] = next(iter(refusal.fields.values()))
    born = values["birth_date"]
    if isinstance(born, date) and not OLDEST <= born <= datetime.now(UTC).date():
        wrong["birth_date"] = "Проверьте дату рождения."
    if values["email"] and not _is_address(values["email"]):
        wrong["email"] = "Укажите адрес целиком, например name@mail.ru."
    return wrong


def _is_address(text: str) -> bool:
    name, _, place = text.partition("@")
    return bool(name) and "." in place.strip(".") and not any(sign.isspace() for sign in text) and "@" not in place


async def _my_call(front: Front, call_id: UUID) -> CallView:
    call = await calls.get_call(front, call_id)
    if not call.is_mine:
        raise Conflict(NOT_YOURS)
    return call


async def _has_served(front: Front, subscriber_id: UUID) -> bool:
    return await call_subscriber.has_served(front.session, subscriber_id, front.actor.employee_id)


def _view(subscriber: store.Subscriber) -> SubscriberView:
    return SubscriberView(**{name: getattr(subscriber, name) for name in SubscriberView.model_fields})


def _masked_view(subscriber: store.Subscriber) -> SubscriberView:
    return _view(subscriber).masked()
