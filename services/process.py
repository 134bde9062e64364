"""The way to a process: the only place that turns Temporal's failures into refusals in words."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from schemas.base import Value
from schemas.errors import Busy, Conflict, Invalid, NotFound, Refusal
from services.front import Front

TASK_TIMEOUT = timedelta(seconds=2)
"""A worker killed in mid-task costs this long, not Temporal's ten seconds."""
PATIENCE = 3.0
"""Seconds an order waits for its answer; the order itself goes on, and the same key asks again."""

_BY_TYPE: dict[str, type[Refusal]] = {"Conflict": Conflict, "Invalid": Invalid, "NotFound": NotFound}


class Closed(Exception):
    """The process has ended or was never there: the row knows the rest."""


async def start(temporal: Client, run: Callable[..., Any], begun: Value, workflow_id: str, task_queue: str) -> None:
    """Start a process; a repeat is harmless, an ended process is not begun again."""
    await temporal.start_workflow(
        run,
        begun,
        id=workflow_id,
        task_queue=task_queue,
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def give_order(front: Front, workflow_id: str, order: Callable[..., Any], command: Value, key: str) -> Any:
    """Send an Update under its key and wait for the answer; raise a Refusal, Busy or Closed."""
    await _give_connection_back(front)
    handle = front.temporal.get_workflow_handle(workflow_id)
    try:
        async with asyncio.timeout(PATIENCE):
            # The overloads want the exact types of one order.
            return await handle.execute_update(order, command, id=key)  # type: ignore[call-overload]
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise Busy from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Closed from error
        raise Busy from error
    except RuntimeError as error:
        if "connect" in str(error).lower():  # how a lazy client says that nobody listens
            raise Busy from error
        raise


async def ask(front: Front, workflow_id: str, question: Callable[..., Any]) -> Any:
    """Query a process; None when no worker answers within a second, or the process is gone."""
    await _give_connection_back(front)
    handle = front.temporal.get_workflow_handle(workflow_id)
    try:
        return await handle.query(question, rpc_timeout=timedelta(seconds=1))
    except (RPCError, RuntimeError, TimeoutError):
        return None


async def _give_connection_back(front: Front) -> None:
    """Whoever speaks to a process has only read: with processes away, a few who wait would hold every connection of the
    pool. The session goes on in a new one."""
    await front.session.close()


def _refusal(cause: BaseException | None) -> Refusal:
    if isinstance(cause, ApplicationError):
        if cause.type == "AcceptedUpdateCompletedWorkflow":
            return Busy()
        return _BY_TYPE.get(cause.type or "", Conflict)(cause.message)
    return Conflict()
