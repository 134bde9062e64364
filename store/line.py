"""Web line: legs, and the signals that one browser leaves for the other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.line import LegSide, LegState, SignalKind
from store.base import created_column, one_of, time_column


class LineLeg(SQLModel, table=True):
    """One telephone page in one call. A citizen's leg has a token (its hash), an operator's leg has a desk."""

    __tablename__ = "line_leg"
    __table_args__ = (Index("ix_line_leg_call", "call_id"), Index("ix_line_leg_desk", "desk_id", "created_at"))
    id: UUID = Field(primary_key=True)
    call_id: UUID
    side: LegSide = Field(sa_type=one_of(LegSide))
    state: LegState = Field(default=LegState.WAITING, sa_type=one_of(LegState))
    desk_id: UUID | None = None
    offer_token: UUID | None = None
    peer_id: UUID | None = None
    number: str = ""
    token_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True, unique=True))
    version: int = 0
    created_at: datetime = created_column()
    seen_at: datetime = created_column()
    answered_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None


class LineSignal(SQLModel, table=True):
    """A WebRTC signal left for `leg_id`."""

    __tablename__ = "line_signal"
    __table_args__ = (Index("ix_line_signal_leg", "leg_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    leg_id: UUID
    kind: SignalKind = Field(sa_type=one_of(SignalKind))
    attempt: str
    body: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    at: datetime = created_column()
