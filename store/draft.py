"""Draft: what is typed in a form and not yet sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.base import created_column


class Draft(SQLModel, table=True):
    """The unsent text of one person in one form about one thing."""

    __tablename__ = "draft"
    employee_id: UUID = Field(foreign_key="employee.id", primary_key=True)
    form: str = Field(primary_key=True)
    thing_id: UUID = Field(primary_key=True)
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    saved_at: datetime = created_column()
