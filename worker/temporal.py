"""The client of the processes, and the worker that runs them."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import GrpcCompression, RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.call import CallActivities
from activities.call_dial import DialActivities
from activities.call_finish import FinishActivities
from activities.call_transfer import TransferActivities
from activities.call_voice import VoiceActivities
from config.settings import Settings, TemporalSettings
from store.live import Publisher, connect_valkey
from store.session import QUICK, Database
from telephony.port import Exchange
from telephony.web_line import WebLine
from worker import message, webhook
from worker.payload import converter
from workflows.call import CallWorkflow

# Above the number of calls alive at once: an evicted process waits for its next task as after a crash.
CACHED_PROCESSES = 5000
# Together no more than the pool has connections: an act waits for its turn here, where no clock runs yet.
ACTS, LOCAL_ACTS = 8, 12
# How long the next task of a process waits for a worker that was killed.
STICKY = timedelta(seconds=1)
GRACE = timedelta(seconds=5)
LONGEST_PAUSE = 2.0
PASSED_THROUGH = (
    *("activities", "schemas", "store", "telephony", "pydantic", "sqlmodel", "sqlalchemy"),
    *("redis", "hiredis", "opentelemetry", "cryptography", "asyncpg", "greenlet", "phonenumbers"),
)
log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Run the processes' worker until cancelled; a task under way may end first."""
    client = await reach(settings)
    valkey = connect_valkey(settings.valkey.url.get_secret_value())
    database = Database(
        settings.database.url.get_secret_value(),
        Publisher(valkey),
        patience=QUICK,
        pool_size=settings.database.pool_size,
    )
    try:
        holders = call_activities(database, WebLine(database), ZoneInfo(settings.centre.zone))
        build = build_of(settings.temporal)
        log.info("worker.started", extra={"build": build and build.to_canonical_string()})
        async with asyncio.TaskGroup() as group:
            group.create_task(call_worker(client, settings.temporal.task_queue, holders, build=build).run())
            group.create_task(message.run(settings, client))
            group.create_task(webhook.run(settings, client))
    finally:
        await database.close()
        await valkey.aclose()


def build_of(temporal: TemporalSettings) -> WorkerDeploymentVersion | None:
    """Return which build this process is; None where versions are not told apart."""
    return WorkerDeploymentVersion(temporal.deployment, temporal.build_id) if temporal.deployment else None


async def connect(settings: Settings, lazy: bool = True) -> Client:
    """Return a client that encrypts; a lazy one connects at its first call, so that pages open without processes."""
    temporal = settings.temporal
    return await Client.connect(
        temporal.address,
        namespace=temporal.namespace,
        data_converter=converter(settings.security.payload_keys),
        tls=temporal.tls,
        lazy=lazy,
        # Payloads are encrypted: nothing in them gets shorter.
        grpc_compression=GrpcCompression.NONE,
    )


async def reach(settings: Settings) -> Client:
    """Return a connected client, trying until the server is there: a worker cannot stand on a lazy one."""
    pause = 0.1
    while True:
        try:
            return await connect(settings, lazy=False)
        except (RPCError, RuntimeError) as error:
            log.warning("worker.waits_for_temporal", extra={"error": str(error)[:200]})
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)


def call_activities(database: Database, exchange: Exchange, zone: ZoneInfo) -> list[object]:
    """Return whatever has the acts of a call."""
    over_voice = [kind(database, exchange) for kind in (DialActivities, TransferActivities, VoiceActivities)]
    return [CallActivities(database, exchange, zone), FinishActivities(database), *over_voice]


def call_worker(
    client: Client,
    queue_prefix: str,
    activities: Sequence[object],
    runner: WorkflowRunner | None = None,
    build: WorkerDeploymentVersion | None = None,
) -> Worker:
    """Return the worker of calls, of this build if versions are told apart; tests give it the sandboxed runner."""
    return Worker(
        client,
        task_queue=f"{queue_prefix}-call",
        workflows=[CallWorkflow],
        activities=[act for holder in activities for act in acts_of(holder)],
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED_PROCESSES,
        max_concurrent_activities=ACTS,
        max_concurrent_local_activities=LOCAL_ACTS,
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
        deployment_config=versioning(build),
    )


def versioning(build: WorkerDeploymentVersion | None) -> WorkerDeploymentConfig | None:
    """A call stays to its end with the build that began it (ADR 0017)."""
    if build is None:
        return None
    return WorkerDeploymentConfig(
        version=build, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
    )


def acts_of(holder: object) -> list[Callable[..., Any]]:
    """Return the methods of an object that are activities."""
    methods = inspect.getmembers(holder, inspect.ismethod)
    return [method for _, method in methods if hasattr(method, "__temporal_activity_definition")]


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """Return the runner that catches what a process must not do; our own values pass as they are."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
