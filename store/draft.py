"""Draft: what is typed in a form and not yet sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, delete, func, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from store.base import created_column

_BEFORE = text(
    """SELECT d.fields FROM draft d
       JOIN serving his ON his.call_id = d.thing_id AND his.employee_id = d.employee_id
       JOIN serving mine ON mine.call_id = d.thing_id AND mine.employee_id = :employee_id AND mine.finished_at IS NULL
       WHERE d.thing_id = :call_id AND d.form = :form AND his.answered_at < mine.answered_at
       ORDER BY his.answered_at DESC, d.saved_at DESC LIMIT 1"""
)
_PASS_ON = text(
    """INSERT INTO draft (employee_id, form, thing_id, fields)
       SELECT s.employee_id, d.form, d.thing_id, d.fields FROM draft d
       JOIN serving s ON s.call_id = d.thing_id AND s.employee_id <> d.employee_id
            AND s.finished_at IS NULL AND s.answered_at IS NOT NULL
       WHERE d.employee_id = :employee_id AND d.form = :form AND d.thing_id = :call_id
       ON CONFLICT DO NOTHING"""
)


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


async def find_before(session: AsyncSession, employee_id: UUID, form: str, call_id: UUID) -> dict[str, Any]:
    """Return what the colleague who had the call before this employee left in the form."""
    asked = {"employee_id": employee_id, "form": form, "call_id": call_id}
    found: dict[str, Any] | None = (await session.execute(_BEFORE, asked)).scalar_one_or_none()
    return found or {}


async def pass_on(session: AsyncSession, employee_id: UUID, form: str, call_id: UUID) -> None:
    """Give the text to whoever has the call now and has typed nothing of his own."""
    await session.execute(_PASS_ON, {"employee_id": employee_id, "form": form, "call_id": call_id})


async def drop(session: AsyncSession, employee_id: UUID, form: str, thing_id: UUID) -> None:
    """Forget a form that was sent."""
    mine = (col(Draft.employee_id) == employee_id, col(Draft.form) == form, col(Draft.thing_id) == thing_id)
    await session.execute(delete(Draft).where(*mine))
