"""What every table has in common: UUIDv7 keys, aware UTC times, the database's own clock."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Enum, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

_CLOCK = text("SELECT clock_timestamp()")
_ROUTING_LOCK = text("SELECT clock_timestamp() FROM pg_advisory_xact_lock(20180512)")
_MOMENT = "moment"


def key_column() -> Any:
    """Return a primary key that the database fills with a UUIDv7."""
    return Field(default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})


def time_column(**options: Any) -> Any:
    """Return an aware time."""
    return Field(default=None, sa_type=DateTime(timezone=True), **options)


def created_column() -> Any:
    """Return an aware time that the database fills."""
    return time_column(sa_column_kwargs={"server_default": text("clock_timestamp()"), "nullable": False})


def one_of(words: type[StrEnum]) -> Any:
    """Return a text type that holds only these words, and reads as the enumeration."""
    return Enum(words, native_enum=False, length=40, values_callable=lambda w: [m.value for m in w])


async def clock(session: AsyncSession) -> datetime:
    """Return the database's time now (not the transaction's start): one clock for all our machines.

    Under the routing lock it is the moment when that was got: what is done under it is done at once.
    """
    transaction, moment = session.info.get(_MOMENT, (None, None))
    if isinstance(moment, datetime) and transaction is session.sync_session.get_transaction():
        return moment
    now: datetime = (await session.execute(_CLOCK)).scalar_one()
    return now


async def routing_lock(session: AsyncSession) -> None:
    """Take the centre's routing lock. Always before any desk or call row, in a statement of its own."""
    moment = (await session.execute(_ROUTING_LOCK)).scalar_one()
    session.info[_MOMENT] = (session.sync_session.get_transaction(), moment)
