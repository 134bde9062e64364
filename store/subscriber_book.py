"""Subscriber: the address book of those whom one may call."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.subscriber_book import Entry, PhoneKind
from store.subscriber import NAME_ORDER, Subscriber, escaped, name_condition

_SERVED = """EXISTS (SELECT FROM call JOIN serving ON serving.call_id = call.id
    WHERE call.subscriber_id = subscriber.id AND call.confirmed
      AND serving.employee_id = :employee AND serving.answered_at IS NOT NULL)"""


async def search(
    session: AsyncSession, name: str, numbers: tuple[str, ...], employee_id: UUID, limit: int
) -> list[Row[Any]]:
    """Return cards with a telephone whose name contains this or whose number begins so, and whether he served them."""
    found, values = _condition(name, numbers)
    statement = text(
        f"""SELECT id, type, full_name, mobile_phone, contact_phone, {_SERVED} AS is_known FROM subscriber
            WHERE (mobile_phone IS NOT NULL OR contact_phone IS NOT NULL) AND merged_into IS NULL AND {found}
            ORDER BY {NAME_ORDER}, id LIMIT :limit"""
    )
    return list((await session.execute(statement, values | {"employee": employee_id, "limit": limit})).all())


async def find_number(session: AsyncSession, entry: Entry) -> str | None:
    """Return the number that an entry means."""
    card = await session.get(Subscriber, entry.subscriber_id)
    if card is None:
        return None
    return card.mobile_phone if entry.kind is PhoneKind.MOBILE else card.contact_phone


def _condition(name: str, numbers: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    if numbers:
        names = [f"number_{place}" for place in range(len(numbers))]
        begins = [f"mobile_phone LIKE :{one} OR contact_phone LIKE :{one}" for one in names]
        values = {one: f"{escaped(number)}%" for one, number in zip(names, numbers, strict=True)}
        return f"({' OR '.join(begins)})", values
    if name:
        return name_condition(name)
    return "true", {}
