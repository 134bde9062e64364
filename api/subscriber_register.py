"""Subscribers: the register, a card made by hand, the export."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.job import Key
from api.session import ApiFront, right
from schemas.base import Value
from schemas.job import JobView
from schemas.subscriber import SaveSubscriber, SubscriberType, SubscriberView
from schemas.subscriber_register import RegisterFilter, RegisterPage, RegisterRow
from services import subscriber_register as register

router = APIRouter(prefix="/api/v1", tags=["subscriber"])
Types = Annotated[tuple[SubscriberType, ...], Query(alias="type", max_length=3)]
Typed = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


class Subscribers(Value):
    """A page of the register; `next_after` asks for the next one."""

    items: list[RegisterRow]
    next_after: str | None


@router.get("/subscribers", operation_id="list_subscribers", dependencies=[right("subscriber.list")])
async def list_subscribers(front: ApiFront, q: Typed = "", types: Types = (), after: UUID | None = None) -> Subscribers:
    """List cards in the order of names; `q` is a name, the beginning of a number, a СНИЛС or an ИНН."""
    wanted = RegisterFilter(types=types)
    found = await register.list_subscribers(front, wanted.searched(q) if q else wanted, RegisterPage(after=after))
    return Subscribers(items=list(found.rows), next_after=found.next_after or None)


@router.post("/subscribers", status_code=201, operation_id="add_subscriber", dependencies=[right("subscriber.add")])
async def add_subscriber(front: ApiFront, typed: SaveSubscriber) -> SubscriberView:
    """Make a card outside of a call; 409 when the СНИЛС or the ИНН is in another one."""
    return await register.add_subscriber(front, typed)


@router.post(
    "/subscribers/export",
    status_code=202,
    operation_id="export_subscribers",
    dependencies=[right("subscriber.export")],
)
async def export_subscribers(front: ApiFront, wanted: RegisterFilter, key: Key) -> JobView:
    """Order an XLSX of the cards that the filter finds."""
    return await register.export_register(front, wanted, key)
