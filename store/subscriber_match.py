"""Subscriber: which cards may be the one that a file, or a hand, describes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.subscriber import SaveSubscriber
from store.subscriber import NAME_ORDER, Subscriber

MOST = 20


async def lock(session: AsyncSession) -> None:
    """Let cards that are told apart by what they hold be made one after another, until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(20180516)"))


async def list_by_keys(session: AsyncSession, card: SaveSubscriber) -> Sequence[Subscriber]:
    """Return the cards with this СНИЛС or this ИНН (of an organisation's branches: with this КПП, too)."""
    if card.snils is None and card.inn is None:
        return []
    same_inn = (col(Subscriber.inn) == card.inn) & (col(Subscriber.type) == card.type)
    if card.kpp is not None:
        same_inn &= col(Subscriber.kpp).is_(None) | (col(Subscriber.kpp) == card.kpp)
    found: list[ColumnElement[bool]] = [col(Subscriber.snils) == card.snils] if card.snils else []
    found += [same_inn] if card.inn else []
    return await _list(session, or_(*found))


async def list_alike(session: AsyncSession, card: SaveSubscriber) -> Sequence[Subscriber]:
    """Return the cards of this name that share the birth date or a number with it."""
    same_name = literal_column(NAME_ORDER) == card.full_name.lower().replace("ё", "е")
    phones = [number for number in (card.contact_phone, card.mobile_phone) if number]
    columns = (col(Subscriber.contact_phone), col(Subscriber.mobile_phone))
    shared: list[ColumnElement[bool]] = [column.in_(phones) for column in columns]
    if card.birth_date is not None:
        shared.append(col(Subscriber.birth_date) == card.birth_date)
    if not phones and card.birth_date is None:  # nothing but a name: any namesake may be meant
        return await _list(session, same_name)
    return await _list(session, same_name & or_(*shared))


async def _list(session: AsyncSession, condition: ColumnElement[bool]) -> Sequence[Subscriber]:
    stands = col(Subscriber.merged_into).is_(None)
    statement = select(Subscriber).where(condition, stands).limit(MOST)
    return (await session.execute(statement)).scalars().all()
