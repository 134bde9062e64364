"""Subscribers: the address book."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.session import ApiFront, right
from schemas.subscriber_book import AddressBook
from services import subscriber_book as service

router = APIRouter(prefix="/api/v1", tags=["subscriber"])


@router.get("/address-book", operation_id="search_address_book", dependencies=[right("call.place")])
async def search(front: ApiFront, q: Annotated[str, Query(max_length=200)] = "") -> AddressBook:
    """Find whom one may call by a name or the beginning of a number; the first twenty in the order of names."""
    return await service.search(front, q)
