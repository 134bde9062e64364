"""Celery: who makes the documents. A task carries only the id of a job; everything else stands in its row."""

import asyncio
import warnings
from collections.abc import Callable
from typing import Any
from uuid import UUID

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from kombu.exceptions import OperationalError

from config.settings import Settings
from worker import document_recording, document_voicemail, documents
from worker.document_means import Means
from worker.documents import shutting_down

MAKE, CLEAN, JOIN, VOICEMAIL = "documents.make", "documents.clean", "documents.join", "documents.voicemail"
THREADS = 2


def make_app(settings: Settings) -> Celery:
    """Return Celery on the installation's Valkey: a lost broker loses nothing, the relay sends again."""
    app = Celery("pult", broker=settings.valkey.url.get_secret_value())
    app.conf.update(
        task_default_queue=f"{settings.temporal.task_queue}-documents",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 10},
    )
    return app


def add_tasks(app: Celery, settings: Settings) -> None:
    """Give the app the things that it does; each call is a connection and an event loop of its own."""

    def make(job_id: str) -> None:
        run_task(Means.of(settings), lambda means: documents.make(means, job_id))

    def clean() -> None:
        run_task(Means.of(settings), documents.clean)
        run_task(Means.of(settings), document_recording.clean)
        run_task(Means.of(settings), document_voicemail.clean)

    def join(recording_id: str) -> None:
        run_task(Means.of(settings), lambda means: document_recording.join(means, UUID(recording_id)))

    def prepare(voicemail_id: str) -> None:
        run_task(Means.of(settings), lambda means: document_voicemail.join(means, UUID(voicemail_id)))

    app.task(name=MAKE)(make)
    app.task(name=CLEAN)(clean)
    app.task(name=JOIN)(join)
    app.task(name=VOICEMAIL)(prepare)


def run_task(means: Means, act: Callable[[Means], Any]) -> None:
    async def run() -> None:
        try:
            await act(means)
        finally:
            await means.close()

    asyncio.run(run())


def run(settings: Settings) -> None:
    """Make documents until SIGTERM; then each run gives its job back, so that the next worker begins it at once."""
    app = make_app(settings)
    add_tasks(app, settings)
    signals.worker_shutting_down.connect(lambda *_, **__: shutting_down.set(), weak=False)
    # Root is at home in the embedded stack, and nothing but JSON is accepted.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    # Threads: no orphans when this process is killed, and a document's work is in C or in the database.
    app.worker_main(["--quiet", "worker", "--pool=threads", f"--concurrency={THREADS}", *alone])


def sender(settings: Settings) -> Callable[[dict[str, Any]], None]:
    """Return the relay's way to send a row of the outbox; ConnectionError when the broker is out of reach."""
    app = make_app(settings)

    def send(payload: dict[str, Any]) -> None:
        name, args = task_of(payload)
        try:
            app.send_task(name, args=args, retry=False)
        except OperationalError as error:
            raise ConnectionError("Valkey") from error

    return send


def task_of(payload: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the task that a row of the outbox asks for."""
    if payload.get("clean"):
        return CLEAN, []
    if recording := payload.get("recording_id"):
        return JOIN, [recording]
    if voicemail := payload.get("voicemail_id"):
        return VOICEMAIL, [voicemail]
    return MAKE, [payload["job_id"]]
