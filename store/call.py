"""Call: the row that people read, its servings, offers, reasons and timeline."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, FetchedValue, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.call import CallKind, CallStage, DialOutcome, OfferState, ServingRole
from store.base import created_column, key_column, one_of, time_column

_WAITING = text("stage = 'waiting'")
_LIVE = text("finished_at IS NULL")
_UNANSWERED = text("answered_at IS NULL")
_OUTBOUND = text("kind = 'outbound'")
_MISSED = text("answered_at IS NULL AND ended_at IS NOT NULL AND kind = 'inbound'")
_DIALLED = text("outcome IS NOT NULL")
_SERVED = text("(answered_at IS NOT NULL OR role = 'outbound') AND role <> 'consult'")
_OPEN = text("state IN ('made', 'ringing')")
_UNENDED = text("stage IN ('waiting', 'choosing', 'ringing', 'talking', 'post_processing')")


def call_start_column() -> Any:
    """Return the start of the row's call: a trigger copies it, so that the journal's order stands in an index here."""
    return time_column(sa_column_kwargs={"server_default": FetchedValue(), "nullable": False})


class Call(SQLModel, table=True):
    """A call. waiting = started_at..answered_at, talk = ..talk_ended_at, post-processing = ..ended_at.

    `silent_since`: its process let an offer go void, and has not sought since. `held_since`: on hold.
    `outcome`: how the dialling of an outbound call ended.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_waiting", text("priority DESC"), "queued_at", "id", postgresql_where=_WAITING),
        Index("ix_call_live", "stage", postgresql_where=_UNENDED),
        Index("ix_call_journal", text("started_at DESC"), text("id DESC")),
        Index("ix_call_subscriber", "subscriber_id", text("started_at DESC"), text("id DESC")),
        Index("ix_call_number", "number", text("started_at DESC"), text("id DESC")),
        Index("ix_call_queue", "queue_id", text("started_at DESC"), text("id DESC")),
        Index("ix_call_employee", "employee_id", text("started_at DESC"), text("id DESC")),
        Index("ix_call_stage", "stage", text("started_at DESC"), text("id DESC")),
        Index("ix_call_outbound", text("started_at DESC"), text("id DESC"), postgresql_where=_OUTBOUND),
        Index("ix_call_postponed", text("started_at DESC"), text("id DESC"), postgresql_where=text("postponed")),
        Index("ix_call_missed", text("started_at DESC"), text("id DESC"), postgresql_where=_MISSED),
        Index("ix_call_outcome", "outcome", text("started_at DESC"), text("id DESC"), postgresql_where=_DIALLED),
    )
    id: UUID = Field(primary_key=True)
    kind: CallKind = Field(default=CallKind.INBOUND, sa_type=one_of(CallKind))
    stage: CallStage = Field(default=CallStage.WAITING, sa_type=one_of(CallStage))
    queue_id: UUID | None = Field(default=None, foreign_key="queue.id")
    number: str
    confirmed: bool = True
    dialled: str = ""
    leg_id: str = ""
    subscriber_id: UUID | None = Field(default=None, foreign_key="subscriber.id")
    employee_id: UUID | None = Field(default=None, foreign_key="employee.id")
    priority: int = 0
    started_at: datetime = time_column()
    queued_at: datetime = time_column()
    answered_at: datetime | None = time_column(nullable=True)
    talk_ended_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None
    silent_since: datetime | None = time_column(nullable=True)
    held_since: datetime | None = time_column(nullable=True)
    outcome: DialOutcome | None = Field(default=None, sa_type=one_of(DialOutcome), nullable=True)
    comment: str = ""
    postponed: bool = False
    filled: bool = True
    version: int = 0


class Serving(SQLModel, table=True):
    """One desk's part in a call, from the offer on. A missed ring is a serving too («пропущенный»)."""

    __tablename__ = "serving"
    __table_args__ = (
        Index("uq_serving_live_desk", "desk_id", unique=True, postgresql_where=_LIVE),
        Index("ix_serving_call", "call_id"),
        Index("ix_serving_employee", "employee_id", text("offered_at DESC"), text("id DESC")),
        Index(
            "ix_serving_missed", "employee_id", text("offered_at DESC"), text("id DESC"), postgresql_where=_UNANSWERED
        ),
        Index(
            "ix_serving_served", "employee_id", text("started_at DESC"), text("call_id DESC"), postgresql_where=_SERVED
        ),
    )
    id: UUID = key_column()
    call_id: UUID = Field(foreign_key="call.id")
    desk_id: UUID = Field(foreign_key="desk.id")
    employee_id: UUID = Field(foreign_key="employee.id")
    role: ServingRole = Field(default=ServingRole.MAIN, sa_type=one_of(ServingRole))
    outcome: str | None = None
    offered_at: datetime = time_column()
    answered_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    finished_at: datetime | None = time_column(nullable=True)
    filled: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    started_at: datetime | None = call_start_column()


class Offer(SQLModel, table=True):
    """One ring of one desk for one call; at most one is open on the desk and on the call."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("uq_offer_open_desk", "desk_id", unique=True, postgresql_where=_OPEN),
        Index("uq_offer_open_call", "call_id", unique=True, postgresql_where=_OPEN),
        Index("ix_offer_call", "call_id"),
    )
    token: UUID = key_column()
    call_id: UUID = Field(foreign_key="call.id")
    desk_id: UUID = Field(foreign_key="desk.id")
    serving_id: UUID = Field(foreign_key="serving.id")
    leg_id: str
    state: OfferState = Field(default=OfferState.MADE, sa_type=one_of(OfferState))
    made_at: datetime = time_column()
    deadline: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)


class Reason(SQLModel, table=True):
    """A value of «Причина звонка»."""

    __tablename__ = "reason"
    id: UUID = key_column()
    name: str = Field(unique=True)
    position: int = 0
    archived_at: datetime | None = time_column(nullable=True)


class CallReason(SQLModel, table=True):
    """A reason chosen for a call."""

    __tablename__ = "call_reason"
    __table_args__ = (Index("ix_call_reason_journal", "reason_id", text("started_at DESC"), text("call_id DESC")),)
    call_id: UUID = Field(foreign_key="call.id", primary_key=True)
    reason_id: UUID = Field(foreign_key="reason.id", primary_key=True)
    started_at: datetime | None = call_start_column()


class CallEvent(SQLModel, table=True):
    """«Хронология обслуживания»: written in the transaction of each change. `key` comes from its cause."""

    __tablename__ = "call_event"
    __table_args__ = (UniqueConstraint("call_id", "key", name="uq_call_event_key"),)
    call_id: UUID = Field(foreign_key="call.id", primary_key=True)
    seq: int = Field(primary_key=True)
    key: str
    kind: str
    at: datetime = created_column()
    actor_id: UUID | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
