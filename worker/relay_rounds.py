"""What is done from time to time by the relay that leads: nets, leases, seals, reconciliation."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from schemas.call import call_of_workflow, call_workflow_id
from schemas.call_news import CallLost
from services.health import RELAY_ALIVE, RESCUED
from store import (
    audit,
    call_reconcile,
    desk,
    idempotency,
    job,
    line_page,
    message_send,
    outbox,
    queue,
    recording,
    staff,
    voicemail,
    webhook,
)
from store.session import Database
from telephony.web_line import Silence, WebLine
from worker.relay_watch import Watch
from workflows.call import CallWorkflow

# Three signs in a row may be lost before /health/ready is red.
SIGN_EVERY, SIGN_LASTS = 1.0, 4
DESCRIBE_SECONDS = 2.0
# Processes looked at in one round, and how old they must be: a younger one may not have written its row yet.
LOOKED_AT, SETTLED = 1000, timedelta(minutes=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What the rounds work with."""

    database: Database
    valkey: Redis
    temporal: Client
    watch: Watch
    queue_prefix: str


def works(means: Means) -> Iterator[Coroutine[None, None, None]]:
    """Return the rounds, each to be run for ever."""
    silence = Silence()

    async def count_rescued() -> None:
        await rescue(means.database, means.valkey)

    async def compare_processes() -> None:
        await reconcile(means.database, means.temporal)
        await tell_lost(means.database, means.temporal, means.queue_prefix)

    yield give_sign(means.valkey)
    yield every(2.0, "net", count_rescued, means.watch)
    yield every(1.0, "leases", in_transaction(means.database, desk.expire_leases), means.watch)
    yield every(1.0, "silence", in_transaction(means.database, silence.sweep), means.watch)
    yield every(1.0, "seal", in_transaction(means.database, audit.seal), means.watch)
    yield every(10.0, "lapse", in_transaction(means.database, call_reconcile.lapse), means.watch)
    yield every(60.0, "reconcile", compare_processes, means.watch)
    yield every(5.0, "jobs", in_transaction(means.database, job.resend_silent), means.watch)
    yield every(5.0, "recordings", in_transaction(means.database, recording.resend), means.watch)
    yield every(5.0, "voicemail", in_transaction(means.database, voicemail.resend), means.watch)
    yield every(3600.0, "documents", in_transaction(means.database, job.ask_cleaning), means.watch)
    for word in (outbox, idempotency, staff, line_page, webhook, message_send):  # each in a transaction of its own
        yield every(600.0, "prune", in_transaction(means.database, word.prune), means.watch)


def in_transaction(
    database: Database, act: Callable[[AsyncSession], Awaitable[object]]
) -> Callable[[], Awaitable[None]]:
    """Return the act in a transaction of its own."""

    async def run() -> None:
        async with database.transaction() as session:
            await act(session)

    return run


async def every(seconds: float, name: str, act: Callable[[], Awaitable[None]], watch: Watch) -> None:
    """Act again and again while this relay leads; one that fails is told and tried again, the others go on."""
    while True:
        await asyncio.sleep(seconds)
        if not watch.leads:
            continue
        try:
            await act()
        except (SQLAlchemyError, OSError, RPCError, RedisError) as error:
            log.warning("relay.round_failed", extra={"round": name, "error": type(error).__name__})
        except Exception:  # a fault of one round must not end the promises that the others keep
            log.exception("relay.round_broken", extra={"round": name})


async def give_sign(valkey: Redis) -> None:
    """Say each second that a relay lives, for /health/ready."""
    while True:
        try:
            await valkey.set(RELAY_ALIVE, "1", ex=SIGN_LASTS)
        except (RedisError, OSError) as error:
            log.warning("relay.sign_not_given", extra={"error": type(error).__name__})
        await asyncio.sleep(SIGN_EVERY)


async def rescue(database: Database, valkey: Redis) -> int:
    """Match whatever nobody asked to match, and count it: the count is 0 as long as every edge asks."""
    async with database.transaction() as session:
        rescued = await queue.match_all(session)
    if rescued:
        log.warning("relay.rescued", extra={"calls": rescued})
        await valkey.incrby(RESCUED, rescued)
    return rescued


async def reconcile(database: Database, temporal: Client) -> int:
    """End the calls whose process is missing or closed (restored from an older backup, say); return how many."""
    async with database.transaction() as session:
        calls = await call_reconcile.list_live(session)
    failed = 0
    for call_id in calls:
        if await has_process(temporal, call_id):
            continue
        async with database.transaction() as session:
            ended = await call_reconcile.fail(session, call_id)
        await WebLine(database).hang_up(call_id)
        failed += ended
        log.warning("relay.call_without_process", extra={"call": str(call_id), "ended": ended})
    return failed


async def tell_lost(database: Database, temporal: Client, queue_prefix: str, settled: timedelta = SETTLED) -> int:
    """Tell the processes whose call has no row (restored from an older backup) that it is lost; return how many."""
    before = (datetime.now(UTC) - settled).isoformat()
    # Our own queue only: another installation may share the namespace.
    ours = f"WorkflowType = 'CallWorkflow' AND TaskQueue = '{queue_prefix}-call'"
    running = f"{ours} AND ExecutionStatus = 'Running' AND StartTime < '{before}'"
    alive = [call_of_workflow(one.id) async for one in temporal.list_workflows(running, limit=LOOKED_AT)]
    async with database.reading() as session:
        lost = await call_reconcile.list_unknown(session, alive)
    for call_id in lost:
        log.warning("relay.process_without_call", extra={"call": str(call_id)})
        try:
            handle = temporal.get_workflow_handle(call_workflow_id(call_id))
            await handle.signal(CallWorkflow.call_lost, CallLost(why="no row"))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                raise
    return len(lost)


async def has_process(temporal: Client, call_id: UUID) -> bool:
    """Whether the call's process is open. A process that closed after the look at SQL has ended its row before."""
    handle = temporal.get_workflow_handle(call_workflow_id(call_id))
    try:
        found = await asyncio.wait_for(handle.describe(), DESCRIBE_SECONDS)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING
