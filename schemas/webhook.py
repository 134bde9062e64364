"""Webhook: what happens here, told to another system's address (Standard Webhooks 1.0.0)."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from schemas.base import PLAIN, Value

SECRET_PREFIX = "whsec_"
ROTATION = timedelta(hours=24)
"""How long the secret before the last one still signs."""
SHOWN_CHARACTERS = 200
"""How much of an answer the journal keeps."""
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""Between the attempts, as the specification advises: the last one is made after three days."""


class WebhookEvent(StrEnum):
    """What is told. A payload carries ids and states; who may know more asks the API."""

    CALL_FINISHED = "call.finished"
    SUBSCRIBER_CHANGED = "subscriber.changed"
    MESSAGE_STATE_CHANGED = "message.state_changed"
    PING = "ping"


SUBSCRIBABLE = tuple(event for event in WebhookEvent if event is not WebhookEvent.PING)
WEBHOOK_EVENT_WORDS = {
    WebhookEvent.CALL_FINISHED: "Звонок завершён",
    WebhookEvent.SUBSCRIBER_CHANGED: "Карточка абонента изменена",
    WebhookEvent.MESSAGE_STATE_CHANGED: "Состояние SMS или E-mail изменилось",
    WebhookEvent.PING: "Проверка",
}
"""Events as the screen names them (gettext msgids)."""


class DeliveryState(StrEnum):
    """Where a delivery is; the last two are ends, from which it may be sent again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY_WORDS = {
    DeliveryState.WAITING: "Доставляется",
    DeliveryState.DELIVERED: "Доставлено",
    DeliveryState.FAILED: "Не доставлено",
}
"""States as the screen names them (gettext msgids)."""


class SaveWebhook(Value):
    """An address that wants to hear of some events."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PLAIN)]
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=PLAIN)]
    events: tuple[WebhookEvent, ...] = Field(min_length=1, max_length=len(SUBSCRIBABLE))

    @field_validator("events")
    @classmethod
    def check_events(cls, events: tuple[WebhookEvent, ...]) -> tuple[WebhookEvent, ...]:
        """Each once; a ping goes to every address anyway."""
        if WebhookEvent.PING in events:
            raise ValueError("Проверка приходит по кнопке, подписываться на неё не нужно.")
        return tuple(event for event in SUBSCRIBABLE if event in events)


class WebhookView(SaveWebhook):
    """An address as its keeper sees it: never with the secret."""

    id: UUID
    version: int
    created_at: datetime
    stopped_at: datetime | None = None
    previous_until: datetime | None = None


class IssuedWebhook(WebhookView):
    """The same once, with the secret that has just been made."""

    secret: str


class DeliveryView(Value):
    """A line of the journal of deliveries."""

    id: UUID
    event_id: UUID
    event: WebhookEvent
    state: DeliveryState
    at: datetime
    attempts: int = 0
    code: int | None = None
    answer: str = ""
    tried_at: datetime | None = None


class DeliverWebhook(Value):
    """One delivery, to be tried until it arrives; `round` grows with each «Отправить ещё раз»."""

    delivery_id: UUID
    round: int = 1

    @property
    def workflow_id(self) -> str:
        return f"webhook-{self.delivery_id}" + (f"-{self.round}" if self.round > 1 else "")


class Attempt(Value):
    """One attempt of a delivery."""

    delivery_id: UUID
    round: int
    number: int
    is_last: bool


def message_id(event_id: UUID) -> str:
    """Return the `webhook-id` header: the same in every attempt, so that the receiver acts once."""
    return f"msg_{event_id.hex}"


def event_body(event: WebhookEvent, at: datetime, told: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent."""
    return {"type": event.value, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": told}


def key_of(secret: str) -> bytes:
    """Return the bytes of a `whsec_…` secret."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, version and all."""
    said = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), said, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
