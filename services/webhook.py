"""Webhooks at the front door: addresses kept by an administrator or by a program, and the journal of deliveries."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from activities.webhook_address import Guard, Unsafe
from activities.webhook_seal import Seal
from schemas.base import id_from
from schemas.errors import Conflict, Invalid, NotFound, Stale
from schemas.integration import Scope
from schemas.webhook import (
    ROTATION,
    SECRET_PREFIX,
    DeliverWebhook,
    DeliveryState,
    DeliveryView,
    IssuedWebhook,
    SaveWebhook,
    WebhookEvent,
    WebhookView,
)
from services import process
from services.access import require
from services.front import Front
from services.integration import VERB, ProgramFront
from store import audit, live, outbox
from store import webhook as store
from store.base import clock
from store.webhook import Webhook, WebhookDelivery
from workflows.webhook import WebhookWorkflow

PAGE = 30
SECRET_BYTES = 32
UNDER_WAY = "Доставка ещё идёт."
STOPPED = "Адрес остановлен: сначала включите его."


@dataclass(frozen=True)
class Means:
    """What keeps addresses safe: the guard of where they lead, the seal of their secrets."""

    guard: Guard
    seal: Seal


@dataclass(frozen=True)
class Keeper:
    """Who keeps the addresses: an administrator, or a program that may."""

    session: AsyncSession
    means: Means
    employee_id: UUID | None
    said: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def employee(cls, front: Front, means: Means) -> "Keeper":
        """Let an administrator in."""
        require(front.actor, VERB)
        return cls(front.session, means, front.actor.employee_id)

    @classmethod
    def program(cls, front: ProgramFront, means: Means) -> "Keeper":
        """Let a program in whose token opens this."""
        front.require(Scope.WEBHOOKS_MANAGE)
        return cls(front.session, means, None, {"token": str(front.program.token_id)})

    def note(self, verb: str, webhook_id: UUID, **details: Any) -> None:
        """Record the act."""
        audit.record(self.session, self.employee_id, ("webhook", verb), webhook_id, **self.said, **details)
        live.notice(self.session, live.role("administrator"), "webhooks", webhook_id)


async def receive(temporal: Client, queue_prefix: str, order: DeliverWebhook) -> None:
    """Start the process of a delivery; a repeat is harmless."""
    await process.start(temporal, WebhookWorkflow.run, order, order.workflow_id, f"{queue_prefix}-process")


async def list_webhooks(keeper: Keeper) -> Sequence[WebhookView]:
    """Return every address, those that hear nothing any more last."""
    return [_view(webhook) for webhook in await store.list_webhooks(keeper.session)]


async def get_webhook(keeper: Keeper, webhook_id: UUID) -> WebhookView:
    """Return an address."""
    return _view(await _find(keeper, webhook_id))


async def create_webhook(keeper: Keeper, typed: SaveWebhook) -> IssuedWebhook:
    """Add an address and return its secret: this is the only time that it is shown."""
    await _check_address(keeper, typed.url)
    secret = new_secret()
    written = {**_columns(typed), "secret": keeper.means.seal.close(secret)}
    webhook = await store.add(keeper.session, **written)
    keeper.note("create", webhook.id, name=webhook.name, url=webhook.url, events=webhook.events)
    return _issued(webhook, secret)


async def save_webhook(keeper: Keeper, webhook_id: UUID, version: int, typed: SaveWebhook) -> WebhookView:
    """Change where an address leads and what it hears, if nobody did so meanwhile."""
    await _check_address(keeper, typed.url)  # before the row is locked: an event of a call waits for it
    webhook = await _find(keeper, webhook_id, locked=True)
    if webhook.version != version:
        raise Stale
    changed = {name: value for name, value in _columns(typed).items() if getattr(webhook, name) != value}
    for name, value in changed.items():
        setattr(webhook, name, value)
    if changed:
        webhook.version += 1
        keeper.note("save", webhook.id, **changed)
    return _view(webhook)


async def stop_webhook(keeper: Keeper, webhook_id: UUID) -> None:
    """Let an address hear nothing any more; what is under way to it ends undelivered."""
    webhook = await _find(keeper, webhook_id, locked=True)
    if webhook.stopped_at is None:
        webhook.stopped_at = await clock(keeper.session)
        keeper.note("stop", webhook.id, name=webhook.name)


async def resume_webhook(keeper: Keeper, webhook_id: UUID) -> None:
    """Let an address hear again, from now on."""
    webhook = await _find(keeper, webhook_id, locked=True)
    if webhook.stopped_at is not None:
        webhook.stopped_at = None
        keeper.note("resume", webhook.id, name=webhook.name)


async def rotate_secret(keeper: Keeper, webhook_id: UUID) -> IssuedWebhook:
    """Give an address a new secret; the old one signs too for a day."""
    webhook = await _find(keeper, webhook_id, locked=True)
    secret = new_secret()
    webhook.previous_secret, webhook.secret = webhook.secret, keeper.means.seal.close(secret)
    webhook.previous_until = await clock(keeper.session) + ROTATION
    keeper.note("rotate", webhook.id, name=webhook.name)
    return _issued(webhook, secret)


async def ping_webhook(keeper: Keeper, webhook_id: UUID, key: str) -> DeliveryView:
    """Send a trial event to one address; the same key is the same ping."""
    webhook = await _find(keeper, webhook_id, locked=True)
    if webhook.stopped_at is not None:
        raise Conflict(STOPPED)
    event_id = id_from("webhook", WebhookEvent.PING, webhook_id, key)
    known = await store.find_by_event(keeper.session, webhook_id, event_id)
    if known is not None:
        return _delivery(known)
    sent = {"webhook_id": webhook_id, "event_id": event_id, "event": WebhookEvent.PING}
    delivery = await store.add_delivery(keeper.session, **sent, told={"webhook_id": str(webhook_id)})
    keeper.note("ping", webhook_id)
    return _send(keeper, delivery)


async def list_deliveries(
    keeper: Keeper, webhook_id: UUID, after: UUID | None = None
) -> tuple[list[DeliveryView], bool]:
    """Return a page of an address's journal, the newest first, and whether more follow."""
    await _find(keeper, webhook_id)
    rows = await store.list_deliveries(keeper.session, webhook_id, PAGE + 1, after)
    return [_delivery(row) for row in rows[:PAGE]], len(rows) > PAGE


async def resend(keeper: Keeper, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Begin a delivery anew that has ended; its id stays, so that the receiver acts once."""
    webhook = await _find(keeper, webhook_id)
    delivery = await store.find_delivery(keeper.session, delivery_id, locked=True)
    if delivery is None or delivery.webhook_id != webhook_id:
        raise NotFound("Такой доставки нет.")
    if delivery.state is DeliveryState.WAITING:
        raise Conflict(UNDER_WAY)
    if webhook.stopped_at is not None:
        raise Conflict(STOPPED)
    delivery.state, delivery.round = DeliveryState.WAITING, delivery.round + 1
    delivery.attempts, delivery.code, delivery.answer = 0, None, ""
    keeper.note("resend", webhook_id, delivery_id=str(delivery_id))
    return _send(keeper, delivery)


def new_secret() -> str:
    """Return a secret as the specification writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _send(keeper: Keeper, delivery: WebhookDelivery) -> DeliveryView:
    order = DeliverWebhook(delivery_id=delivery.id, round=delivery.round)
    outbox.put(keeper.session, f"webhook-{delivery.id}", "start_webhook", order.model_dump(mode="json"))
    return _delivery(delivery)


async def _check_address(keeper: Keeper, url: str) -> None:
    """What is refused here is looked at again before each delivery: a name may lead elsewhere by then."""
    try:
        await keeper.means.guard.target(url)
    except Unsafe as unsafe:
        raise Invalid(fields={"url": unsafe.sentence}) from None


async def _find(keeper: Keeper, webhook_id: UUID, locked: bool = False) -> Webhook:
    found = await store.find(keeper.session, webhook_id, locked)
    if found is None:
        raise NotFound("Такого адреса нет.")
    return found


def _columns(typed: SaveWebhook) -> dict[str, Any]:
    return {"name": typed.name, "url": typed.url, "events": [event.value for event in typed.events]}


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView(**{name: getattr(webhook, name) for name in WebhookView.model_fields})


def _issued(webhook: Webhook, secret: str) -> IssuedWebhook:
    return IssuedWebhook(**dict(_view(webhook)), secret=secret)


def _delivery(delivery: WebhookDelivery) -> DeliveryView:
    return DeliveryView(**{name: getattr(delivery, name) for name in DeliveryView.model_fields})
