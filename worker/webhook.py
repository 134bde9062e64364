"""The worker of webhooks."""

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.webhook import WebhookActivities
from activities.webhook_address import Guard
from activities.webhook_post import Post
from activities.webhook_seal import Seal
from config.settings import Settings
from services.webhook import Means
from store.live import Publisher, connect_valkey
from store.session import QUICK, Database
from workflows.webhook import WebhookWorkflow

CACHED_PROCESSES = 500
ACTS = 8
CONNECTIONS = 2


async def run(settings: Settings, client: Client) -> None:
    """Run until cancelled, on connections of its own: other systems never take those of calls."""
    valkey = connect_valkey(settings.valkey.url.get_secret_value())
    url = settings.database.url.get_secret_value()
    database = Database(url, Publisher(valkey), patience=QUICK, pool_size=CONNECTIONS)
    means = means_of(settings)
    post = Post(means.guard)
    try:
        acts = WebhookActivities(database, means.seal, post)
        await webhook_worker(client, settings.temporal.task_queue, acts).run()
    finally:
        await post.close()
        await database.close()
        await valkey.aclose()


def means_of(settings: Settings) -> Means:
    """Return the guard and the seal of this installation."""
    return Means(Guard(settings.webhook.allow_internal), Seal(settings.security.payload_keys))


def webhook_worker(
    client: Client, queue_prefix: str, acts: WebhookActivities, runner: WorkflowRunner | None = None
) -> Worker:
    """Return the worker. It is of no build: a delivery takes up to three days, and replays instead (ADR 0022)."""
    return Worker(
        client,
        task_queue=f"{queue_prefix}-process",
        workflows=[WebhookWorkflow],
        activities=[acts.deliver_webhook],
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED_PROCESSES,
        max_concurrent_activities=ACTS,
    )
