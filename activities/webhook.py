"""What the process of a webhook does to the world: one attempt at a time."""

import json
import time
from datetime import UTC, datetime

from temporalio import activity

from activities.webhook_post import Answer, Post
from activities.webhook_seal import Seal
from schemas.webhook import Attempt, DeliveryState, WebhookEvent, event_body, message_id, sign
from store import live
from store import webhook as store
from store.session import Database
from store.webhook import Webhook, WebhookDelivery

GONE = 410
STOPPED = "Адрес остановлен."


class WebhookActivities:
    """The acts of a delivery over a database and the network."""

    def __init__(self, database: Database, seal: Seal, post: Post) -> None:
        self._database = database
        self._seal = seal
        self._post = post

    @activity.defn
    async def deliver_webhook(self, attempt: Attempt) -> DeliveryState:
        """Send once and write the answer into the journal; done again after a crash, the receiver knows the id."""
        async with self._database.reading() as session:
            delivery = await store.find_delivery(session, attempt.delivery_id)
            webhook = await store.find(session, delivery.webhook_id) if delivery else None
        if delivery is None or webhook is None or not is_open(delivery, attempt):
            return DeliveryState.FAILED
        answer = Answer(text=STOPPED, is_final=True) if webhook.stopped_at else await self._send(webhook, delivery)
        return await self._note(attempt, answer)

    async def _send(self, webhook: Webhook, delivery: WebhookDelivery) -> Answer:
        body = body_of(delivery)
        said_at = int(time.time())
        webhook_id = message_id(delivery.event_id)
        signatures = [sign(secret, webhook_id, said_at, body) for secret in self._secrets(webhook)]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Pult-Webhooks/1",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(said_at),
            "webhook-signature": " ".join(signatures),
        }
        return await self._post.send(webhook.url, headers, body)

    def _secrets(self, webhook: Webhook) -> list[str]:
        """The one in force, and the one before it while its holder may not have changed over yet."""
        secrets = [self._seal.open(webhook.secret)]
        is_rotating = webhook.previous_until is not None and webhook.previous_until > datetime.now(UTC)
        if webhook.previous_secret is not None and is_rotating:
            secrets.append(self._seal.open(webhook.previous_secret))
        return secrets

    async def _note(self, attempt: Attempt, answer: Answer) -> DeliveryState:
        async with self._database.transaction() as session:
            delivery = await store.find_delivery(session, attempt.delivery_id, locked=True)
            if delivery is None or not is_open(delivery, attempt):
                return DeliveryState.FAILED
            state = state_after(attempt, answer)
            told = {"state": state, "attempts": attempt.number, "code": answer.code, "answer": answer.text}
            await store.note_attempt(session, delivery, **told)
            if answer.code == GONE:  # the receiver asks us to stop
                await store.stop(session, delivery.webhook_id)
            live.notice(session, live.role("administrator"), "webhooks", delivery.webhook_id)
            return state


def is_open(delivery: WebhookDelivery, attempt: Attempt) -> bool:
    """Whether this attempt is still wanted: nobody has begun the delivery anew, and it has not ended."""
    return delivery.round == attempt.round and delivery.state is DeliveryState.WAITING


def state_after(attempt: Attempt, answer: Answer) -> DeliveryState:
    if answer.is_good:
        return DeliveryState.DELIVERED
    is_over = attempt.is_last or answer.is_final or answer.code == GONE
    return DeliveryState.FAILED if is_over else DeliveryState.WAITING


def body_of(delivery: WebhookDelivery) -> bytes:
    """The same bytes in every attempt."""
    body = event_body(WebhookEvent(delivery.event), delivery.at.astimezone(UTC), delivery.told)
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
