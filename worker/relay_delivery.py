"""How one row of the outbox reaches its addressee, and what its failure means."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from schemas.call import StartCall
from schemas.message import StartMessage
from schemas.webhook import DeliverWebhook
from services import call, message_news, webhook

Deliver = Callable[[dict[str, Any]], Awaitable[None]]
# An answer that takes longer counts as none; every delivery may be repeated.
PATIENCE = 5.0
_OUT_OF_REACH = (OSError, TimeoutError, ValkeyConnectionError, ValkeyTimeoutError)
_UNANSWERED = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
    }
)


class Unreachable(Exception):
    """The addressee does not answer: try again, without counting."""


class Gone(Exception):
    """The addressee is unknown or has ended: there is nobody left to tell."""


def addressees(temporal: Client, queue_prefix: str) -> Mapping[str, Deliver]:
    """Return who takes the rows for processes."""

    async def start_call(payload: dict[str, Any]) -> None:
        await call.receive(temporal, queue_prefix, StartCall.model_validate(payload))

    async def signal_call(payload: dict[str, Any]) -> None:
        await call.report(temporal, payload)

    async def start_message(payload: dict[str, Any]) -> None:
        await message_news.receive(temporal, queue_prefix, StartMessage.model_validate(payload))

    async def signal_message(payload: dict[str, Any]) -> None:
        await message_news.report(temporal, payload)

    async def start_webhook(payload: dict[str, Any]) -> None:
        await webhook.receive(temporal, queue_prefix, DeliverWebhook.model_validate(payload))

    return {
        "start_call": start_call,
        "signal_call": signal_call,
        "start_message": start_message,
        "signal_message": signal_message,
        "start_webhook": start_webhook,
    }


def document_makers(send: Callable[[dict[str, Any]], None]) -> Mapping[str, Deliver]:
    """Return who takes the orders of documents, `send` being Celery's blocking way to send."""

    async def run_job(payload: dict[str, Any]) -> None:
        await asyncio.to_thread(send, payload)

    return {"run_job": run_job}


async def deliver(addressees: Mapping[str, Deliver], kind: str, payload: dict[str, Any]) -> None:
    """Hand one row over; raise Unreachable, Gone, or whatever is wrong with the row itself."""
    try:
        async with asyncio.timeout(PATIENCE):
            await addressees[kind](payload)
    except WorkflowAlreadyStartedError as error:
        raise Gone("процесс уже завершён") from error
    except RPCError as error:
        raise _meaning(error) from error
    except _OUT_OF_REACH as error:
        raise Unreachable(type(error).__name__) from error
    except RuntimeError as error:
        if "connect" in str(error).lower():  # how a lazy client says that nobody listens
            raise Unreachable(type(error).__name__) from error
        raise


def _meaning(error: RPCError) -> Exception:
    if error.status in _UNANSWERED:
        return Unreachable(error.status.name)
    if error.status is RPCStatusCode.NOT_FOUND:
        # A server that has just started may not know its namespace yet.
        return Unreachable("NAMESPACE") if "namespace" in error.message.lower() else Gone("процесса нет")
    return error
