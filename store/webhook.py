"""Webhook: addresses that want to hear of events, and the journal of what was sent to them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, LargeBinary, String, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.base import id_from
from schemas.webhook import DeliveryState, WebhookEvent
from store.base import created_column, key_column, one_of, time_column

KEPT = timedelta(days=30)


class Webhook(SQLModel, table=True):
    """An address. Secrets are sealed; the one before the last signs too until `previous_until`."""

    __tablename__ = "webhook"
    id: UUID = key_column()
    name: str
    url: str
    events: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    previous_until: datetime | None = time_column(nullable=True)
    created_at: datetime = created_column()
    stopped_at: datetime | None = time_column(nullable=True)
    version: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one address; `round` counts how often it was sent anew by hand."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_event", "webhook_id", "event_id", unique=True),
        Index("ix_webhook_delivery_journal", "webhook_id", text("id DESC")),
        Index("ix_webhook_delivery_at", "at"),
    )
    id: UUID = key_column()
    webhook_id: UUID = Field(foreign_key="webhook.id")
    event_id: UUID
    event: WebhookEvent = Field(sa_type=one_of(WebhookEvent))
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    state: DeliveryState = Field(default=DeliveryState.WAITING, sa_type=one_of(DeliveryState))
    at: datetime = created_column()
    round: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    code: int | None = None
    answer: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    tried_at: datetime | None = time_column(nullable=True)


# Nobody subscribed: one look at a table of a few rows, and nothing is written.
_LEAVE = text(
    """WITH happened AS (
           SELECT * FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e (event text, event_id uuid, told jsonb)),
       made AS (
           INSERT INTO webhook_delivery (webhook_id, event_id, event, told, state)
           SELECT w.id, e.event_id, e.event, e.told, 'waiting' FROM happened e
             JOIN webhook w ON w.stopped_at IS NULL AND (e.event = ANY (w.events))
           ON CONFLICT (webhook_id, event_id) DO NOTHING RETURNING id)
       INSERT INTO outbox (key, kind, payload, attempts)
       SELECT 'webhook-' || id, 'start_webhook', jsonb_build_object('delivery_id', id, 'round', 1), 0 FROM made"""
)
_PRUNE = text(
    """DELETE FROM webhook_delivery WHERE id IN (
           SELECT id FROM webhook_delivery WHERE at < clock_timestamp() - CAST(:kept AS interval)
              AND state <> 'waiting' LIMIT :limit)"""
)


def tell(session: AsyncSession, event: WebhookEvent, cause: tuple[object, ...], **told: Any) -> None:
    """Leave an event for whoever subscribed to it; it is written right before the commit. One cause is one event."""
    row = {"event": event.value, "event_id": str(id_from("webhook", event.value, *cause)), "told": told}
    session.info.setdefault("events", []).append(row)


async def leave(session: AsyncSession) -> None:
    """Write what `tell` has gathered, for each address that wants it."""
    happened = session.info.pop("events")
    await session.execute(_LEAVE, {"events": json.dumps(happened, default=str)})


async def add(session: AsyncSession, **values: Any) -> Webhook:
    """Write a new address."""
    webhook = Webhook(**values)
    session.add(webhook)
    await session.flush()
    return webhook


async def find(session: AsyncSession, webhook_id: UUID, locked: bool = False) -> Webhook | None:
    """Return an address."""
    return await session.get(Webhook, webhook_id, with_for_update=locked or None, populate_existing=locked)


async def list_webhooks(session: AsyncSession) -> Sequence[Webhook]:
    """Return the addresses, those that hear nothing any more last."""
    order = (col(Webhook.stopped_at).is_not(None), col(Webhook.name), col(Webhook.id))
    return (await session.execute(select(Webhook).order_by(*order))).scalars().all()


async def add_delivery(session: AsyncSession, **values: Any) -> WebhookDelivery:
    """Write a delivery that no event caused: a ping."""
    delivery = WebhookDelivery(**values)
    session.add(delivery)
    await session.flush()
    return delivery


async def find_delivery(session: AsyncSession, delivery_id: UUID, locked: bool = False) -> WebhookDelivery | None:
    """Return a delivery."""
    return await session.get(WebhookDelivery, delivery_id, with_for_update=locked or None, populate_existing=locked)


async def find_by_event(session: AsyncSession, webhook_id: UUID, event_id: UUID) -> WebhookDelivery | None:
    """Return the delivery of an event to an address."""
    same = (col(WebhookDelivery.webhook_id) == webhook_id, col(WebhookDelivery.event_id) == event_id)
    return (await session.execute(select(WebhookDelivery).where(*same))).scalar_one_or_none()


async def list_deliveries(
    session: AsyncSession, webhook_id: UUID, limit: int, after: UUID | None = None
) -> Sequence[WebhookDelivery]:
    """Return a page of the journal, the newest first."""
    found = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    if after is not None:
        found = found.where(col(WebhookDelivery.id) < after)
    page = found.order_by(col(WebhookDelivery.id).desc()).limit(limit)
    return (await session.execute(page)).scalars().all()


async def note_attempt(session: AsyncSession, delivery: WebhookDelivery, **outcome: Any) -> None:
    """Write how an attempt ended."""
    for name, value in outcome.items():
        setattr(delivery, name, value)
    delivery.tried_at = (await session.execute(select(func.clock_timestamp()))).scalar_one()


async def stop(session: AsyncSession, webhook_id: UUID) -> None:
    """Let an address hear nothing any more."""
    webhook = await session.get_one(Webhook, webhook_id, with_for_update=True)
    webhook.stopped_at = webhook.stopped_at or (await session.execute(select(func.clock_timestamp()))).scalar_one()


async def prune(session: AsyncSession, limit: int = 5000) -> None:
    """Forget deliveries that ended a month ago."""
    await session.execute(_PRUNE, {"kept": KEPT, "limit": limit})
