"""Webhook: one delivery, tried until it arrives or three days are over."""

from datetime import timedelta

from temporalio import workflow

from activities.webhook import WebhookActivities
from schemas.webhook import PAUSES, Attempt, DeliverWebhook, DeliveryState
from workflows.options import TO_RECEIVER

SPREAD = 0.1
"""Pauses are longer by up to this part, so that what failed together does not come back together."""


@workflow.defn
class WebhookWorkflow:
    """Sends one event to one address; what becomes of each attempt stands in the journal."""

    @workflow.run
    async def run(self, order: DeliverWebhook) -> DeliveryState:
        """Try, wait, try again."""
        for number, pause in enumerate((timedelta(), *PAUSES), start=1):
            if pause:
                await workflow.sleep(pause * (1 + SPREAD * workflow.random().random()))
            attempt = Attempt(
                delivery_id=order.delivery_id, round=order.round, number=number, is_last=number > len(PAUSES)
            )
            state = await workflow.execute_activity_method(WebhookActivities.deliver_webhook, attempt, **TO_RECEIVER)
            if state is not DeliveryState.WAITING:
                return state
        return DeliveryState.FAILED
