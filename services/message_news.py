"""What reaches the process of a message: its start, and the news of its provider."""

from typing import Any
from uuid import UUID

from temporalio.client import Client

from schemas.message import StartMessage, message_workflow_id
from services import process
from workflows.message import MessageWorkflow


async def receive(temporal: Client, queue_prefix: str, begun: StartMessage) -> None:
    """Start the process of a message; a repeat is harmless, an ended process is not begun again."""
    await process.start(
        temporal, MessageWorkflow.run, begun, message_workflow_id(begun.message_id), f"{queue_prefix}-message"
    )


async def report(temporal: Client, payload: dict[str, Any]) -> None:
    """Hand one piece of news, as the outbox carries it, to the process of its message."""
    handle = temporal.get_workflow_handle(message_workflow_id(UUID(payload["message_id"])))
    await handle.signal(payload["signal"], payload["news"])
