"""Draft: what is typed in a form and not yet sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, delete, func
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from store.base import created_column


class Draft(SQLModel, table=True):
    """The unsent text of one person in one form about one thing."""

    __tablename__ = "draft"
    employee_id: UUID = Field(foreign_key="employee.id", primary_key=True)
    form: str = Field(primary_key=True)
    thing_id: UUID = Field(primary_key=True)
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    saved_at: datetime = created_column()


async def save(session: AsyncSession, employee_id: UUID, form: str, thing_id: UUID, fields: dict[str, Any]) -> None:
    """Keep the newest text of the form."""
    values = {"employee_id": employee_id, "form": form, "thing_id": thing_id, "fields": fields}
    fresh = {"fields": fields, "saved_at": func.clock_timestamp()}
    statement = insert(Draft).values(**values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["employee_id", "form", "thing_id"], set_=fresh)
    )


async def find(session: AsyncSession, employee_id: UUID, form: str, thing_id: UUID) -> Draft | None:
    """Return what this person left in this form."""
    return await session.get(Draft, (employee_id, form, thing_id))


async def drop(session: AsyncSession, employee_id: UUID, form: str, thing_id: UUID) -> None:
    """Forget a form that was sent."""
    mine = (col(Draft.employee_id) == employee_id, col(Draft.form) == form, col(Draft.thing_id) == thing_id)
    await session.execute(delete(Draft).where(*mine))
