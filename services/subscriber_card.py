"""Subscribers: what the card shows beside its fields: enquiries, open items, the history of changes."""

from uuid import UUID

from schemas.call import CallView
from schemas.page import Place, next_place
from schemas.subscriber import Caller, SubscriberView
from schemas.subscriber_card import Enquiry, EnquiryPage, OpenItem
from schemas.subscriber_change import ChangePage
from services import subscriber
from services import subscriber_history as history
from services.access import is_own_only, require
from services.front import Front
from store import subscriber_card as store

SIZE = 20
MOST_OPEN = 5


async def list_enquiries(front: Front, subscriber_id: UUID, after: Place | None = None) -> EnquiryPage:
    """Return a page of «Обращения»: the calls of a card that the actor may open, as they were served."""
    await subscriber.get_subscriber(front, subscriber_id)
    place = (after.at, after.id) if after else None
    found = await store.list_enquiries(front.session, (subscriber_id, _reader(front)), place, SIZE + 1)
    rows = tuple(Enquiry.model_validate(dict(row._mapping)) for row in found[:SIZE])
    return EnquiryPage(rows=rows, next_after=next_place(rows, len(found) > SIZE))


async def list_changes(front: Front, subscriber_id: UUID, after: Place | None = None) -> ChangePage:
    """Return a page of «История изменений» of a card that the actor may open."""
    await subscriber.get_subscriber(front, subscriber_id)
    return await history.list_changes(front, subscriber_id, after)


async def require_open(front: Front, subscriber_id: UUID) -> None:
    """Refuse a card that the actor may not open."""
    await subscriber.get_subscriber(front, subscriber_id)


async def list_open_of_caller(front: Front, call: CallView, caller: Caller) -> tuple[OpenItem, ...]:
    """Return what is owed to who phones; of a caller who has not shown who he is, only what his number asked for."""
    require(front.actor, "subscriber.read")
    known = caller.subscriber if caller.subscriber is not None and not caller.is_masked else None
    items = await _list_open(front, known.id if known else None, (call.number, *_numbers(known)))
    return tuple(item for item in items if item.call_id != call.id)


async def list_open(front: Front, card: SubscriberView) -> tuple[OpenItem, ...]:
    """Return what is owed to a subscriber whose card the actor has opened."""
    require(front.actor, "subscriber.read")
    return await _list_open(front, card.id, _numbers(card))


async def _list_open(front: Front, subscriber_id: UUID | None, numbers: tuple[str, ...]) -> tuple[OpenItem, ...]:
    found = await store.list_open(front.session, subscriber_id, numbers, _reader(front), MOST_OPEN)
    return tuple(OpenItem(kind=row.kind, call_id=row.call_id, at=row.at, may_open=row.may_open) for row in found)


def _reader(front: Front) -> store.Reader:
    return front.actor.employee_id, is_own_only(front.actor, "call.read")


def _numbers(card: SubscriberView | None) -> tuple[str, ...]:
    return tuple(number for number in (card.contact_phone, card.mobile_phone) if number) if card else ()
