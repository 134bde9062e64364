"""What reaches the process of a message: its start, and the news of its provider."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from schemas.message import StartMessage, message_workflow_id
from workflows.message import MessageWorkflow

TASK_TIMEOUT = timedelta(seconds=2)


async def receive(temporal: Client, queue_prefix: str, begun: StartMessage) -> None:
    """Start the process of a message; a repeat is harmless, an ended process is not begun again."""
    await temporal.start_workflow(
        MessageWorkflow.run,
        begun,
        id=message_workflow_id(begun.message_id),
        task_queue=f"{queue_prefix}-message",
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def report(temporal: Client, payload: dict[str, Any]) -> None:
    """Hand one piece of news, as the outbox carries it, to the process of its message."""
    handle = temporal.get_workflow_handle(message_workflow_id(UUID(payload["message_id"])))
    await handle.signal(payload["signal"], payload["news"])
