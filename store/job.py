"""Job: a document being made by Celery, with progress and cancel."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.base import created_column, key_column, time_column


class Job(SQLModel, table=True):
    """queued → running → done | failed | cancelled. `alive_at` is its sign of life."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_employee", "employee_id", text("created_at DESC")),
        Index("ix_job_open", "alive_at", postgresql_where=text("state IN ('queued', 'running')")),
    )
    id: UUID = key_column()
    kind: str
    employee_id: UUID = Field(foreign_key="employee.id")
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    state: str = "queued"
    done: int = 0
    total: int | None = None
    file_name: str | None = None
    file_path: str | None = None
    error: str | None = None
    cancel_asked: bool = False
    created_at: datetime = created_column()
    alive_at: datetime = created_column()
    finished_at: datetime | None = time_column(nullable=True)
