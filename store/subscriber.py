"""Subscriber: the card of a citizen or an organisation."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Label, Select, func, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.errors import NotFound, Stale
from schemas.subscriber import SaveSubscriber, SubscriberType
from schemas.subscriber_change import Act, Merged, changes_between
from schemas.webhook import WebhookEvent
from store import webhook
from store.base import created_column, key_column, one_of
from store.subscriber_change import SubscriberChange

NAME_ORDER = "replace(lower(full_name), 'ё', 'е')"
"""The embedded PostgreSQL has no ICU: this expression sorts Russian names, and has an index."""

RUSSIAN, LATIN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejziyklmnoprstufhc123456789"
NAME_LETTERS = f"translate(lower(full_name), '{RUSSIAN}', '{LATIN}')"
"""pg_trgm sees no letters but Latin ones in a database of locale C: names are searched in these, ё as е."""

LETTERS: Label[str] = literal_column(NAME_LETTERS).label("letters")

Author = tuple[Act, UUID | None]
"""What was done to a card, and who did it."""

SHORTEST_PART = 3
"""Fewer letters make no trigram: they are looked for at the beginning of the name."""


class Subscriber(SQLModel, table=True):
    """A card. Phones are E.164; `version` guards against a lost update; `merged_into`: the card that stands for it."""

    __tablename__ = "subscriber"
    __table_args__ = (
        Index("ix_subscriber_name", text(NAME_ORDER)),
        Index("ix_subscriber_type", "type", text(NAME_ORDER)),
        Index("ix_subscriber_letters", LETTERS, postgresql_using="gin", postgresql_ops={"letters": "gin_trgm_ops"}),
        Index("ix_subscriber_contact_phone", "contact_phone"),
        Index("ix_subscriber_mobile_phone", "mobile_phone"),
        Index("ix_subscriber_snils", "snils", postgresql_where=text("snils IS NOT NULL")),
        Index("ix_subscriber_inn", "inn", postgresql_where=text("inn IS NOT NULL")),
        Index("ix_subscriber_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )
    id: UUID = key_column()
    type: SubscriberType = Field(default=SubscriberType.PERSON, sa_type=one_of(SubscriberType))
    full_name: str
    birth_date: date | None = None
    passport: str | None = None
    snils: str | None = None
    inn: str | None = None
    ogrn: str | None = None
    kpp: str | None = None
    contact_person: str | None = None
    contact_phone: str | None = None
    mobile_phone: str | None = None
    email: str | None = None
    region: str | None = None
    time_zone: str | None = None
    merged_into: UUID | None = Field(default=None, foreign_key="subscriber.id")
    version: int = 1
    created_at: datetime = created_column()


def name_condition(text_typed: str) -> tuple[str, dict[str, str]]:
    """Return «the name contains this», in any case, ё as е, and its values; up to two letters: begins with it."""
    typed = escaped(text_typed.lower().replace("ё", "е"))
    if len(text_typed) < SHORTEST_PART:
        return f"{NAME_ORDER} LIKE :name", {"name": f"{typed}%"}
    values = {"name": f"%{typed}%", "letters": f"%{typed.translate(str.maketrans(RUSSIAN, LATIN))}%"}
    # The cheap one first: it is asked of each row, the other one is for its index.
    return f"{NAME_ORDER} LIKE :name AND {NAME_LETTERS} LIKE :letters", values


def escaped(typed: str) -> str:
    """Return the text with the signs of a pattern made plain."""
    return "".join(f"\\{sign}" if sign in "%_\\" else sign for sign in typed)


async def get(session: AsyncSession, subscriber_id: UUID) -> Subscriber:
    """Return a card."""
    found = await session.get(Subscriber, subscriber_id)
    if found is None:
        raise NotFound()
    return found


async def get_standing(session: AsyncSession, subscriber_id: UUID) -> Subscriber:
    """Return a card, or the one that stands for it."""
    found = await get(session, subscriber_id)
    return found if found.merged_into is None else await get(session, found.merged_into)


async def list_by_number(session: AsyncSession, number: str, limit: int = 20) -> list[Subscriber]:
    """Return the cards that hold this number, or stand for a card that does, in the order of names."""
    statement = select(Subscriber).where(col(Subscriber.id).in_(standing_for(number)))
    ordered = statement.order_by(literal_column(NAME_ORDER), col(Subscriber.id)).limit(limit)
    return list((await session.execute(ordered)).scalars())


def standing_for(number: str) -> Select[Any]:
    """Return the question which cards a number leads to: of merged ones, to the card that stands for them."""
    holds = or_(col(Subscriber.contact_phone) == number, col(Subscriber.mobile_phone) == number)
    return select(func.coalesce(col(Subscriber.merged_into), col(Subscriber.id))).where(holds).distinct()


async def add(session: AsyncSession, card: SaveSubscriber, by: Author = (Act.ADDED, None)) -> Subscriber:
    """Insert a card."""
    subscriber = Subscriber(**card.model_dump())
    session.add(subscriber)
    await session.flush()
    note(session, subscriber, by, changes_between({}, card.model_dump()))
    await session.flush()
    return subscriber


async def save(
    session: AsyncSession, subscriber_id: UUID, version: int, card: SaveSubscriber, by: Author = (Act.SAVED, None)
) -> Subscriber:
    """Change a card that is still as it was read; the same card again writes nothing."""
    subscriber = await lock(session, subscriber_id)
    changes = changes_between(subscriber.model_dump(), card.model_dump())
    if not changes:
        return subscriber
    if subscriber.version != version:
        raise Stale()
    for name, value in card.model_dump().items():
        setattr(subscriber, name, value)
    subscriber.version += 1
    note(session, subscriber, by, changes)
    await session.flush()
    return subscriber


async def lock(session: AsyncSession, subscriber_id: UUID) -> Subscriber:
    """Return a card that stands for itself, and nobody changes it before the end of the transaction."""
    statement = select(Subscriber).where(col(Subscriber.id) == subscriber_id).with_for_update()
    subscriber = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if subscriber is None:
        raise NotFound()
    if subscriber.merged_into is not None:
        raise Merged(subscriber.merged_into)
    return subscriber


def note(
    session: AsyncSession, subscriber: Subscriber, by: Author, changes: dict[str, Any], merge_id: UUID | None = None
) -> None:
    """Write a line of the card's history."""
    said: dict[str, Any] = {"version": subscriber.version, "changes": changes, "merge_id": merge_id}
    session.add(SubscriberChange(subscriber_id=subscriber.id, act=by[0], actor_id=by[1], **said))
    version = {"subscriber_id": subscriber.id, "version": subscriber.version}
    webhook.tell(session, WebhookEvent.SUBSCRIBER_CHANGED, tuple(version.values()), **version, act=by[0])
