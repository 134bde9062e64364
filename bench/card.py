"""The card of a subscriber with ten thousand calls and messages: how long it opens, how many statements that costs."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import structlog
from httpx import ASGITransport
from sqlalchemy import event

from bench.figures import Figure
from bench.journal import Bench, centre, log_in, opened, opened_often, until_live
from bench.journal_load import Load
from schemas.staff import Role
from worker.children import child
from worker.postgres import DATABASE
from worker.web import create_app

CALLS, QUICK_CALLS = 300_000, 30_000
SPELLS = 100
OWN = 10_000
OPENED, QUICK_OPENED = 60, 20
MOST_PAGE = 150
MOST_STATEMENTS = {"card": 9, "call": 18}
"""What the openings cost, who asks and the frame of the page included: a test holds the card's own number."""
NUMBER = "+79161234567"
ANNA = "INSERT INTO subscriber (id, type, full_name, mobile_phone, version) VALUES ($1, 'person', 'Анна Белова', $2, 1)"
HER_CALLS = """UPDATE call SET subscriber_id = $1, number = $2, confirmed = true, postponed = random() < 0.02
  WHERE id IN (SELECT id FROM call WHERE answered_at IS NOT NULL AND stage = 'finished' ORDER BY id LIMIT $3)"""
HER_MESSAGES = """INSERT INTO message (id, channel, state, address, subject, text, sender_id, subscriber_id, created_at)
  SELECT gen_random_uuid(), 'sms', 'delivered', $2, '', 'Ваши документы готовы', $4, $1, now() - n * interval '1 h'
  FROM generate_series(1, $3::int) n"""
HER_CHANGES = """INSERT INTO subscriber_change (subscriber_id, act, version, actor_id, at, changes)
  SELECT $1, 'saved', n, $3, now() - n * interval '1 h', '{"email": [null, "a@b.ru"]}'
  FROM generate_series(1, $2::int) n"""
NEWEST = "SELECT id FROM call WHERE subscriber_id = $1 ORDER BY started_at DESC LIMIT 1"


@dataclass(frozen=True)
class Pages:
    """What is opened: name → address."""

    addresses: dict[str, str]
    size: str


async def measure(quick: bool) -> list[Figure]:
    """Fill the tables, count what opening says to the database, open the pages in a web process."""
    load = Load(QUICK_CALLS if quick else CALLS, SPELLS)
    async with centre(load) as bench:
        pages = await fill(bench, load)
        figures = [figure async for figure in count_statements(bench, pages)]
        return figures + [figure async for figure in open_pages(bench, pages, QUICK_OPENED if quick else OPENED)]


async def fill(bench: Bench, load: Load) -> Pages:
    """Give one subscriber her calls, messages and changes."""
    connection, anna = await bench.stack.postgres.connect(DATABASE), uuid4()
    await connection.execute(ANNA, anna, NUMBER)
    await connection.execute(HER_CALLS, anna, NUMBER, OWN)
    await connection.execute(HER_MESSAGES, anna, NUMBER, OWN, bench.known.operator)
    await connection.execute(HER_CHANGES, anna, OWN, bench.known.operator)
    call: UUID = await connection.fetchval(NEWEST, anna)
    await connection.execute("ANALYZE")
    await connection.close()
    card = f"/subscribers/{anna}"
    tabs = {name: f"{card}/{path}" for name, path in (("enquiries", "served-calls"), ("changes", "changes"))}
    addresses = {"card": card, "call": f"/calls/{call}", **tabs, "messages": f"{card}/messages"}
    return Pages(addresses, f"{OWN} звонков, сообщений и изменений; в центре {load.calls} звонков")


async def count_statements(bench: Bench, pages: Pages) -> AsyncIterator[Figure]:
    """Yield how many statements the opening of a card costs."""
    said: list[str] = []
    async with application(bench) as (client, engine):
        event.listen(engine, "before_cursor_execute", lambda *args: said.append(str(args[2])))
        for name, most in MOST_STATEMENTS.items():
            await opened(client, pages.addresses[name])
            said.clear()
            await opened(client, pages.addresses[name])
            yield Figure("card", f"{name}_statements", len(said), "шт.", f"<= {most}", pages.size)


@asynccontextmanager
async def application(bench: Bench) -> AsyncIterator[tuple[httpx.AsyncClient, object]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # figures alone are printed
    app = create_app(bench.settings)
    async with app.router.lifespan_context(app):
        cookies, transport = await log_in(bench, Role.SUPERVISOR), ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies) as client:
            yield client, app.state.database.engine.sync_engine


async def open_pages(bench: Bench, pages: Pages, times: int) -> AsyncIterator[Figure]:
    """Yield how long the card and its tabs take in a real web process."""
    process = child("web", bench.place, bench.environment)
    process.start()
    try:
        url = f"http://127.0.0.1:{bench.environment['WEB__PORT']}"
        await until_live(url)
        async with httpx.AsyncClient(base_url=url, cookies=await log_in(bench, Role.SUPERVISOR), timeout=30) as client:
            for name, address in pages.addresses.items():
                took = await opened_often(client, address, times)
                yield Figure("card", f"{name}_p95", took, "ms", f"<= {MOST_PAGE}", pages.size)
    finally:
        await process.stop()
