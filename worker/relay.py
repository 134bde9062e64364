"""The relay: carries the outbox, and does what nobody else would do in time (worker/relay_rounds.py)."""

import asyncio
import logging
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from store import outbox
from store.live import Publisher, connect_valkey
from store.outbox import Waiting
from store.session import QUICK, Database
from worker import celery, relay_delivery, relay_rounds
from worker.relay_delivery import Deliver, Gone, Unreachable
from worker.relay_watch import Watch
from worker.temporal import connect

CARRIERS = 6
BATCH = 8
RETRY_SECONDS = 0.5
LONGEST_PAUSE = 2.0
log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Relay until cancelled; what is under way then is rolled back and delivered again by the next relay."""
    valkey = connect_valkey(settings.valkey.url.get_secret_value())
    url = settings.database.url.get_secret_value()
    database = Database(url, Publisher(valkey), patience=QUICK, pool_size=settings.database.pool_size)
    temporal = await connect(settings)
    processes = relay_delivery.addressees(temporal, settings.temporal.task_queue)
    relay = Relay(database, {**processes, **relay_delivery.document_makers(celery.sender(settings))})
    watch = Watch(url, relay.wake)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(relay.run())
            group.create_task(watch.run())
            means = relay_rounds.Means(database, valkey, temporal, watch, settings.temporal.task_queue)
            for work in relay_rounds.works(means):
                group.create_task(work)
    finally:
        await database.close()
        await valkey.aclose()


class Carried(NamedTuple):
    """How many rows were in our hands, and whether more wait for sure."""

    rows: int
    is_more: bool


class Relay:
    """Carriers that sleep until a row is left; a wake rouses one of them."""

    def __init__(self, database: Database, addressees: Mapping[str, Deliver]) -> None:
        self._database = database
        self._addressees = addressees
        self._wakes: asyncio.Queue[None] = asyncio.Queue(CARRIERS)
        self._woken = 0

    def wake(self) -> None:
        """Rouse a carrier; when all have been roused already, one of them will look again anyway."""
        self._woken += 1
        if not self._wakes.full():
            self._wakes.put_nowait(None)

    async def run(self) -> None:
        """Carry until cancelled."""
        log.info("relay.started")
        async with asyncio.TaskGroup() as group:
            for _ in range(CARRIERS):
                group.create_task(self._carry_when_woken())

    async def _carry_when_woken(self) -> None:
        pause = 0.1
        while True:
            await self._wakes.get()
            try:
                while (await self._carry_batch()).is_more:
                    pass
                pause = 0.1
            except (SQLAlchemyError, OSError) as error:
                log.warning("relay.database_out_of_reach", extra={"error": type(error).__name__})
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                self.wake()

    async def carry(self) -> int:
        """Deliver the heads of some keys in one transaction; return how many there were."""
        return (await self._carry_batch()).rows

    async def _carry_batch(self) -> Carried:
        async with self._database.transaction() as session:
            rows = await outbox.claim(session, BATCH)
            outcomes = await asyncio.gather(*(self._deliver(row) for row in rows))
            is_more = len(rows) == BATCH
            done = [
                (row.id, outcome)
                for row, outcome in zip(rows, outcomes, strict=True)
                if not isinstance(outcome, Exception)
            ]
            woken = self._woken
            if done:
                is_more |= await outbox.mark_delivered(session, done)
            for row, outcome in zip(rows, outcomes, strict=True):
                if isinstance(outcome, Unreachable):
                    await outbox.postpone(session, row.id, RETRY_SECONDS)
                elif isinstance(outcome, Exception) and await outbox.mark_failed(session, row.id, repr(outcome)):
                    log.error("relay.parked", extra={"key": row.key, "kind": row.kind, "row": row.id})
        # Who was roused since we looked behind our rows may have been kept from another of theirs.
        return Carried(len(rows), is_more or (bool(rows) and self._woken != woken))

    async def _deliver(self, row: Waiting) -> Exception | str | None:
        """Return None when delivered, a remark when nobody is left to take it, the exception when not."""
        known = {"key": row.key, "kind": row.kind, "row": row.id}
        try:
            await relay_delivery.deliver(self._addressees, row.kind, row.payload)
        except Gone as gone:
            log.info("relay.addressee_gone", extra=known)
            return str(gone)
        except Exception as error:  # the row's failure is counted; it must not stop the rows of other keys
            log.warning("relay.not_delivered", extra={**known, "error": type(error).__name__})
            return error
        return None
