"""Idempotency: the stored answer of a request with an effect, in the effect's own transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.base import created_column


class Idempotency(SQLModel, table=True):
    """`owner` (session or leg) and its `key` → what was asked (hash) and what was answered."""

    __tablename__ = "idempotency"
    owner: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    at: datetime = created_column()
