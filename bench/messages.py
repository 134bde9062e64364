"""Messages through the whole way: row, outbox, relay, process, SMPP, receipt. The provider answers at once."""

import asyncio
import os
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import text

from bench.figures import Figure, quantile
from bench.whole import running
from schemas.message import MessageChannel
from store import message
from store.message import Message
from store.session import Database

BACKLOG, QUICK_BACKLOG = 2000, 300
CALM, QUICK_CALM, CALM_RATE = 200, 50, 5.0
PATIENCE = 300
TEXT = "Анна Ивановна, Ваши документы готовы. Ждём Вас в центре «Мои документы» в рабочие дни с 9 до 18 часов."
# A provider's contract is what limits in life; here it must not.
FREE = {"SMS__RATE": "100000", "SMS__WINDOW": "20", "PROVIDERS__RECEIPTS_AFTER": "0"}
STATES = text("SELECT count(*) FILTER (WHERE state = 'delivered') FROM message WHERE id = ANY(:ids)")
SENT_AT = text(
    """SELECT extract(epoch FROM m.changed_at - m.created_at) AS delivered,
              extract(epoch FROM (SELECT max(p.created_at) FROM message_part p WHERE p.message_id = m.id)
                                 - m.created_at) AS sent
       FROM message m WHERE m.id = ANY(:ids)"""
)
TAKEN = text(
    """SELECT extract(epoch FROM max(m.changed_at) - min(m.created_at)) FROM message m WHERE m.id = ANY(:ids)"""
)


async def measure(quick: bool) -> list[Figure]:
    """Return how many messages a second go the whole way, and how long one takes when there are few."""
    backlog, calm = (QUICK_BACKLOG, QUICK_CALM) if quick else (BACKLOG, CALM)
    os.environ |= FREE
    async with running() as whole:
        database = Database(whole.settings.database.url.get_secret_value())
        try:
            await arrived(database, await accepted(database, 20))
            few = await one_by_one(database, calm)
            sent, delivered = await latencies(database, few)
            seconds = await drained(database, backlog)
        finally:
            await database.close()
    size = f"{backlog} SMS по две части сразу, {calm} SMS по {CALM_RATE:g} в секунду"
    return [
        Figure("messages", "rate", backlog / seconds, "сообщений/с", size=size),
        Figure("messages", "sent_p50", quantile(sent, 0.5), "с", size=size),
        Figure("messages", "sent_p95", quantile(sent, 0.95), "с", "<= 1", size),
        Figure("messages", "delivered_p50", quantile(delivered, 0.5), "с", size=size),
        Figure("messages", "delivered_p95", quantile(delivered, 0.95), "с", "<= 2", size),
    ]


async def accepted(database: Database, count: int) -> list[Message]:
    """Leave so many messages at once, each to a number of its own."""
    rows = [row_to(number) for number in range(count)]
    async with database.transaction() as session:
        for row in rows:
            await message.add(session, row)
    return rows


async def one_by_one(database: Database, count: int) -> list[Message]:
    """Leave messages at a calm pace, and wait for them all."""
    rows = []
    for number in range(count):
        async with database.transaction() as session:
            rows.append(row_to(number))
            await message.add(session, rows[-1])
        await asyncio.sleep(1 / CALM_RATE)
    await arrived(database, rows)
    return rows


async def drained(database: Database, count: int) -> float:
    """Return the seconds from the first acceptance to the last receipt."""
    rows = await accepted(database, count)
    await arrived(database, rows)
    async with database.reading() as session:
        return float((await session.execute(TAKEN, ids(rows))).scalar_one())


async def latencies(database: Database, rows: Sequence[Message]) -> tuple[list[float], list[float]]:
    """Return the seconds from the acceptance to the provider's answer, and to the delivered state."""
    async with database.reading() as session:
        found = (await session.execute(SENT_AT, ids(rows))).all()
    return [float(row.sent) for row in found], [float(row.delivered) for row in found]


async def arrived(database: Database, rows: Sequence[Message]) -> None:
    """Wait until all are delivered."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.reading() as session:
                if (await session.execute(STATES, ids(rows))).scalar_one() == len(rows):
                    return
            await asyncio.sleep(0.2)


def row_to(number: int) -> Message:
    return Message(id=uuid4(), channel=MessageChannel.SMS, address=f"+7999{number:07}", text=TEXT)


def ids(rows: Sequence[Message]) -> dict[str, object]:
    return {"ids": [row.id for row in rows]}
