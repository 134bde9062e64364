"""Integration: the tokens of other systems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, RowMapping, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from store.base import created_column, key_column, time_column
from store.staff import Employee

_LIVE = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())"
_FIND = text(f"SELECT id AS token_id, name, scopes, source FROM integration_token WHERE hash = :hash AND {_LIVE}")
# Once a minute, and by one request: whoever finds the row locked knows that somebody else notes it.
_TOUCH = text(
    """UPDATE integration_token SET last_used_at = clock_timestamp() WHERE id = (
           SELECT id FROM integration_token WHERE id = :id
              AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
           FOR UPDATE SKIP LOCKED)"""
)


class IntegrationToken(SQLModel, table=True):
    """A token; `hash` is keyed, the token itself is nowhere."""

    __tablename__ = "integration_token"
    id: UUID = key_column()
    name: str
    hash: bytes = Field(unique=True)
    scopes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    source: str | None = None
    created_by: UUID = Field(foreign_key="employee.id")
    created_at: datetime = created_column()
    expires_at: datetime | None = time_column(nullable=True)
    revoked_at: datetime | None = time_column(nullable=True)
    last_used_at: datetime | None = time_column(nullable=True)


async def add(session: AsyncSession, **values: Any) -> IntegrationToken:
    """Write a new token."""
    token = IntegrationToken(**values)
    session.add(token)
    await session.flush()
    return token


async def find_program(session: AsyncSession, token_hash: bytes) -> RowMapping | None:
    """Return who holds a token that is good now."""
    return (await session.execute(_FIND, {"hash": token_hash})).mappings().one_or_none()


async def touch(session: AsyncSession, token_id: UUID) -> None:
    """Note that a token is in use."""
    await session.execute(_TOUCH, {"id": token_id})


async def lock(session: AsyncSession, token_id: UUID) -> IntegrationToken | None:
    """Return a token with its row locked."""
    return await session.get(IntegrationToken, token_id, with_for_update=True, populate_existing=True)


async def list_tokens(session: AsyncSession) -> Sequence[tuple[IntegrationToken, str]]:
    """Return the tokens with who made each, those in force first, the newest before the others."""
    order = (col(IntegrationToken.revoked_at).is_not(None), col(IntegrationToken.id).desc())
    made_by = col(Employee.id) == col(IntegrationToken.created_by)
    found = select(IntegrationToken, col(Employee.full_name)).join(Employee, made_by).order_by(*order)
    return [(row[0], row[1]) for row in await session.execute(found)]
