"""Desk («пульт»): its state, its intervals without gaps, its phone's presence."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlmodel import Field, SQLModel

from schemas.desk import DeskStatus
from store.base import created_column, key_column, one_of, time_column


class Desk(SQLModel, table=True):
    """An employee's workplace. `version` grows with each change that its page must show."""

    __tablename__ = "desk"
    id: UUID = key_column()
    employee_id: UUID = Field(foreign_key="employee.id", unique=True)
    status: DeskStatus = Field(default=DeskStatus.INACTIVE, sa_type=one_of(DeskStatus))
    status_since: datetime = created_column()
    reason: str | None = None
    next_status: DeskStatus | None = Field(default=None, sa_type=one_of(DeskStatus), nullable=True)
    next_reason: str | None = None
    idle_since: datetime | None = time_column(nullable=True)
    misses: int = 0
    version: int = 0


class DeskInterval(SQLModel, table=True):
    """A state a desk was in; the last one is open. PostgreSQL refuses an overlap."""

    __tablename__ = "desk_interval"
    __table_args__ = (ExcludeConstraint(("desk_id", "="), ("during", "&&"), name="ex_desk_interval", using="gist"),)
    id: UUID = key_column()
    desk_id: UUID = Field(foreign_key="desk.id")
    status: DeskStatus = Field(sa_type=one_of(DeskStatus))
    reason: str | None = None
    during: Range[datetime] = Field(sa_column=Column(TSTZRANGE, nullable=False))


class DeskPresence(SQLModel, table=True):
    """The page that holds the desk's phone; without a live lease no call is offered."""

    __tablename__ = "desk_presence"
    desk_id: UUID = Field(foreign_key="desk.id", primary_key=True)
    phone_id: UUID
    fencing: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    lease_until: datetime = time_column(index=True)
    ready: bool = True
