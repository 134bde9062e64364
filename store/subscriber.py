"""Subscriber: the card of a citizen or an organisation."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.subscriber import SubscriberType
from store.base import created_column, key_column, one_of

NAME_ORDER = "replace(lower(full_name), 'ё', 'е')"
"""The embedded PostgreSQL has no ICU: this expression sorts Russian names, and has an index."""

RUSSIAN, LATIN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejziyklmnoprstufhc123456789"
NAME_LETTERS = f"translate(lower(full_name), '{RUSSIAN}', '{LATIN}')"
"""pg_trgm sees no letters but Latin ones in a database of locale C: names are searched in these, ё as е."""


class Subscriber(SQLModel, table=True):
    """A card. Phones are E.164; `version` guards against a lost update."""

    __tablename__ = "subscriber"
    __table_args__ = (
        Index("ix_subscriber_name", text(NAME_ORDER)),
        Index("ix_subscriber_letters", text(f"({NAME_LETTERS}) gin_trgm_ops"), postgresql_using="gin"),
        Index("ix_subscriber_contact_phone", "contact_phone"),
        Index("ix_subscriber_mobile_phone", "mobile_phone"),
    )
    id: UUID = key_column()
    type: SubscriberType = Field(default=SubscriberType.PERSON, sa_type=one_of(SubscriberType))
    full_name: str
    birth_date: date | None = None
    passport: str | None = None
    contact_phone: str | None = None
    mobile_phone: str | None = None
    email: str | None = None
    version: int = 1
    created_at: datetime = created_column()
