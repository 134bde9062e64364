"""Subscribers: the card, its history, its enquiries, merges."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.session import ApiFront, right
from api.versions import Version, tag
from schemas.errors import Invalid
from schemas.page import Place
from schemas.subscriber import SaveSubscriber, SubscriberView
from schemas.subscriber_card import EnquiryPage
from schemas.subscriber_change import ChangePage
from schemas.subscriber_merge import MergeSubscribers, MergeView
from services import subscriber, subscriber_card, subscriber_merge

router = APIRouter(prefix="/api/v1", tags=["subscriber"])


@router.get("/subscribers/{subscriber_id}", operation_id="get_subscriber", dependencies=[right("subscriber.read")])
async def get_subscriber(front: ApiFront, subscriber_id: UUID, response: Response) -> SubscriberView:
    """Return a card; its ETag is what a change must name. Opening it is recorded."""
    found = await subscriber.get_subscriber(front, subscriber_id)
    await subscriber.note_opened(front, subscriber_id)
    tag(response, found.version)
    return found


@router.put("/subscribers/{subscriber_id}", operation_id="save_subscriber", dependencies=[right("subscriber.save")])
async def save_subscriber(
    front: ApiFront, subscriber_id: UUID, typed: SaveSubscriber, version: Version, response: Response
) -> SubscriberView:
    """Change a card that is still as it was read: If-Match names its ETag. 412 says who has changed what since."""
    saved = await subscriber.save_subscriber(front, subscriber_id, version, typed)
    tag(response, saved.version)
    return saved


@router.get(
    "/subscribers/{subscriber_id}/changes",
    operation_id="list_subscriber_changes",
    dependencies=[right("subscriber.read")],
)
async def list_changes(front: ApiFront, subscriber_id: UUID, after: str = "") -> ChangePage:
    """Return the history of a card, newest first. `after` is the place that a page ended with."""
    return await subscriber_card.list_changes(front, subscriber_id, place_of(after))


@router.get(
    "/subscribers/{subscriber_id}/served-calls",
    operation_id="list_served_calls",
    dependencies=[right("subscriber.read")],
)
async def list_enquiries(front: ApiFront, subscriber_id: UUID, after: str = "") -> EnquiryPage:
    """Return what a subscriber has phoned about, newest first. `after` is the place that a page ended with."""
    return await subscriber_card.list_enquiries(front, subscriber_id, place_of(after))


@router.post(
    "/subscribers/{subscriber_id}/merges",
    status_code=201,
    operation_id="merge_subscribers",
    dependencies=[right("subscriber.merge")],
)
async def merge(front: ApiFront, subscriber_id: UUID, order: MergeSubscribers) -> MergeView:
    """Make another card a part of this one; both as they were read."""
    return await subscriber_merge.merge(front, subscriber_id, order)


@router.delete(
    "/subscriber-merges/{merge_id}", operation_id="undo_subscriber_merge", dependencies=[right("subscriber.merge")]
)
async def undo(front: ApiFront, merge_id: UUID) -> MergeView:
    """Make two cards of one again."""
    return await subscriber_merge.undo(front, merge_id)


def place_of(after: str) -> Place | None:
    place = Place.read(after) if after else None
    if after and place is None:
        raise Invalid(fields={"after": "Возьмите это значение из предыдущей страницы."})
    return place
