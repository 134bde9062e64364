"""Subscriber («абонент»): who phones."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.phone import masked


class SubscriberType(StrEnum):
    """Natural person, legal entity, individual entrepreneur: see TYPE_WORDS."""

    PERSON = "person"
    COMPANY = "company"
    ENTREPRENEUR = "entrepreneur"


TYPE_WORDS = {SubscriberType.PERSON: "ФЛ", SubscriberType.COMPANY: "ЮЛ", SubscriberType.ENTREPRENEUR: "ИП"}


HIDDEN = "••••"


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

    def masked(self) -> "SubscriberView":
        """Return the card without what a stranger could learn from it."""
        hidden: dict[str, Any] = {
            "full_name": masked_name(self.full_name),
            "birth_date": None,
            "passport": HIDDEN if self.passport else None,
            "contact_phone": masked(self.contact_phone) if self.contact_phone else None,
            "mobile_phone": masked(self.mobile_phone) if self.mobile_phone else None,
            "email": HIDDEN if self.email else None,
        }
        return self.model_copy(update=hidden)


class Caller(Value):
    """Who phones, as far as the card may show it: nobody, one, or several that share the number."""

    subscriber: SubscriberView | None = None
    candidates: tuple[SubscriberView, ...] = ()
    is_masked: bool = False
