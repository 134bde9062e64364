"""The workers of messages: one for their processes, and one for each provider, which runs only while it is held."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import smpp34
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.message import MessageActivities, SendActivities
from config.settings import Settings
from config.settings_message import EmailSettings, SmsSettings
from store import message_send
from store.live import Publisher, connect_valkey
from store.session import QUICK, Database
from telephony import sms
from telephony.mail import Mail, MailAccess
from telephony.provider import Provider
from telephony.smpp import SmppAccess, SmppLink, SmppRefused
from telephony.sms import Sms, SmsTerms
from workflows.message import MessageWorkflow

SMS_LOCK = 20180515
"""Whoever has this lock holds the session with the SMS provider: it knows us by one bind."""
HOLD_EVERY = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
REFUSED_PAUSE = 30.0
"""Who comes again and again with a wrong password is locked out."""
GRACE = timedelta(seconds=5)
STICKY = timedelta(seconds=1)
# Often: a busy machine must not look like a dead one, to which the message may have been lost.
SIGN_EVERY = timedelta(seconds=2)
CACHED_PROCESSES = 2000
LOCAL_ACTS, LETTERS_AT_ONCE = 10, 4
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Means:
    """What the workers of messages work with."""

    client: Client
    database: Database
    queue_prefix: str
    url: URL


async def run(settings: Settings, client: Client) -> None:
    """Run until cancelled, on connections of their own: messages never take those of calls."""
    url = settings.database.url.get_secret_value()
    valkey = connect_valkey(settings.valkey.url.get_secret_value())
    database = Database(url, Publisher(valkey), patience=QUICK, pool_size=settings.database.pool_size)
    means = Means(client, database, settings.temporal.task_queue, make_url(url))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(message_worker(client, means.queue_prefix, database).run())
            if settings.sms.host:
                group.create_task(hold_sms(means, settings.sms))
            if settings.email.host:
                group.create_task(hold_mail(means, settings.email))
    finally:
        await database.close()
        await valkey.aclose()


def message_worker(
    client: Client, queue_prefix: str, database: Database, runner: WorkflowRunner | None = None
) -> Worker:
    """Return the worker of the processes. It is of no build: one waits three days for a receipt, and replays instead
    (ADR 0021)."""
    return Worker(
        client,
        task_queue=f"{queue_prefix}-message",
        workflows=[MessageWorkflow],
        activities=[MessageActivities(database).close_message, MessageActivities(database).expire_message],
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED_PROCESSES,
        max_concurrent_local_activities=LOCAL_ACTS,
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
    )


def provider_worker(means: Means, provider: Provider, rate: float, at_once: int) -> Worker:
    """Return the worker that sends through a provider, no faster than the contract with it allows."""
    return Worker(
        means.client,
        task_queue=f"{means.queue_prefix}-{provider.name}",
        activities=[SendActivities(means.database, provider).send_message],
        max_concurrent_activities=at_once,
        max_task_queue_activities_per_second=rate,
        max_heartbeat_throttle_interval=SIGN_EVERY,
        default_heartbeat_throttle_interval=SIGN_EVERY,
        graceful_shutdown_timeout=GRACE,
    )


async def hold_sms(means: Means, settings: SmsSettings) -> None:
    """Hold the session whenever no other worker does, over every break; while it is away, messages wait in Temporal."""
    pause = FIRST_PAUSE
    while True:
        try:
            async with AsyncExitStack() as held:
                lost = await held.enter_async_context(sole(means.url, SMS_LOCK))
                link = await SmppLink.open(sms_access(settings), receipts_into(means.database))
                held.push_async_callback(link.close)
                log.info("sms.bound")
                pause = FIRST_PAUSE
                terms = SmsTerms(settings.source, settings.rate, settings.dedupes, settings.id_tag)
                provider = Sms(link, terms)
                async with provider_worker(means, provider, settings.rate, settings.window):
                    await _first_of(link.closed.wait(), lost.wait())
        except SmppRefused as refused:
            log.error("sms.refused", extra={"why": str(refused)})
            pause = REFUSED_PAUSE if refused.is_lasting else pause
        except (OSError, TimeoutError, smpp34.SmppError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("sms.away", extra={"error": type(error).__name__, "why": str(error)[:100]})
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)


async def hold_mail(means: Means, settings: EmailSettings) -> None:
    """Send letters until cancelled; the connection comes and goes under them."""
    mail = Mail(mail_access(settings))
    try:
        await provider_worker(means, mail, settings.rate, LETTERS_AT_ONCE).run()
    finally:
        await mail.close()


def receipts_into(database: Database) -> Callable[[smpp34.DeliverSm], Awaitable[None]]:
    """Return the ear of a session: a receipt is on disk before the provider hears that we have it."""

    async def hear(delivered: smpp34.DeliverSm) -> None:
        receipt = sms.receipt_of(delivered)
        if receipt is None:
            return
        try:
            async with database.transaction() as session:
                await message_send.take_receipt(session, sms.NAME, receipt.provider_id, receipt.state, receipt.why)
        except (OSError, SQLAlchemyError) as error:
            log.warning("sms.receipt_not_kept", extra={"error": type(error).__name__})
            raise

    return hear


@asynccontextmanager
async def sole(url: URL, number: int) -> AsyncIterator[asyncio.Event]:
    """Wait until nobody else holds the lock, and yield what is set when we may have lost it."""
    address = url.translate_connect_args(username="user") | dict(url.query)
    connection = await asyncpg.connect(**address, timeout=QUICK, command_timeout=QUICK)
    lost = asyncio.Event()
    watching: asyncio.Task[None] | None = None
    try:
        while not await connection.fetchval(f"SELECT pg_try_advisory_lock({number})"):
            await asyncio.sleep(HOLD_EVERY)
        watching = asyncio.create_task(_watch(connection, lost))
        yield lost
    finally:
        if watching is not None:
            watching.cancel()
        connection.terminate()


async def _watch(connection: asyncpg.Connection, lost: asyncio.Event) -> None:
    """PostgreSQL gives the lock away when this connection ends: so must we give up the session."""
    try:
        while True:
            await asyncio.sleep(HOLD_EVERY)
            await connection.execute("SELECT 1")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        lost.set()


async def _first_of(*works: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def mail_access(settings: EmailSettings) -> MailAccess:
    """Return where the mail server is and how it knows us."""
    return MailAccess(
        host=settings.host,
        port=settings.port,
        sender=settings.sender,
        user=settings.user,
        password=settings.password.get_secret_value(),
        tls=settings.tls,
        authorities=settings.ca,
        dedupes=settings.dedupes,
    )


def sms_access(settings: SmsSettings) -> SmppAccess:
    """Return where the provider of SMS is and how it knows us."""
    return SmppAccess(
        host=settings.host,
        port=settings.port,
        system_id=settings.system_id,
        password=settings.password.get_secret_value(),
        tls=settings.tls,
        authorities=settings.ca,
        window=settings.window,
    )
