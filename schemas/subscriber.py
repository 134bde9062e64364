"""Subscriber («абонент»): who phones."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Value


class SubscriberType(StrEnum):
    """Natural person, legal entity, individual entrepreneur: see TYPE_WORDS."""

    PERSON = "person"
    COMPANY = "company"
    ENTREPRENEUR = "entrepreneur"


TYPE_WORDS = {SubscriberType.PERSON: "ФЛ", SubscriberType.COMPANY: "ЮЛ", SubscriberType.ENTREPRENEUR: "ИП"}


def masked_name(name: str) -> str:
    """Return the name with only its first letters left, for a caller who has not shown who it is."""
    return " ".join(f"{word[0]}•••" for word in name.split())


class SaveSubscriber(Value):
    """The card as it is typed; phones in any form, kept as E.164."""

    type: SubscriberType = SubscriberType.PERSON
    full_name: str = Field(min_length=1, max_length=200)
    birth_date: date | None = None
    passport: str | None = Field(default=None, max_length=40)
    contact_phone: str | None = Field(default=None, max_length=40)
    mobile_phone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)


class SubscriberView(SaveSubscriber):
    """A saved card."""

    id: UUID
    version: int
