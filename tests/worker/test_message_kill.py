"""Provider and worker killed between the sending and its commit (I11): nothing lost, nothing doubled."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from config.settings import Settings
from schemas.message import MessageState
from store.session import Database
from tests.messaging import Post, doing, went_out
from worker.place import free_port
from worker.stack import Stack
from worker.temporal import connect

ROOT = Path(__file__).parent.parent.parent
pytestmark = [pytest.mark.kills, pytest.mark.timeout(120)]


class House:
    """`pult worker` and `pult providers` as processes of their own, and a relay here."""

    def __init__(self, stack: Stack, settings: Settings, outbox: Path, dedupes: bool) -> None:
        prefix, port = settings.temporal.task_queue, str(free_port())
        given = {"SMS__HOST": "127.0.0.1", "SMS__PORT": port, "SMS__SOURCE": "Pult", "SMS__RATE": "60"}
        given |= {
            "SMS__DEDUPES": str(dedupes).lower(),
            "PROVIDERS__OUTBOX": str(outbox),
            "TEMPORAL__TASK_QUEUE": prefix,
        }
        url = settings.database.url.get_secret_value()
        self.environment = os.environ | stack.environment() | {"DATABASE__URL": url} | given
        self.outbox, self.programs = outbox, dict[str, subprocess.Popen[bytes]]()

    def start(self, name: str) -> None:
        argv = [sys.executable, "-m", "worker.cli", name]
        with (self.outbox.parent / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(argv, env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        self.programs[name].send_signal(signal.SIGKILL)
        self.programs[name].wait(5)

    async def kill_at(self, messages: int, name: str) -> None:
        """Kill the program when so many messages are out, and start it again."""
        while len(list(self.outbox.glob("*.txt"))) < messages:
            await asyncio.sleep(0.01)
        self.kill(name)
        self.start(name)


@asynccontextmanager
async def standing(house: House, database: Database, settings: Settings) -> AsyncIterator[Post]:
    post = Post(database, await connect(settings))
    post.prefix = settings.temporal.task_queue
    for name in ("worker", "providers"):
        house.start(name)
    try:
        async with doing(post.carry()):
            yield post
    finally:
        for name in house.programs:
            house.kill(name)


@pytest.fixture
def own(settings: Settings) -> Settings:
    temporal = settings.temporal.model_copy(update={"task_queue": f"kill-{uuid4().hex[:8]}"})
    return settings.model_copy(update={"temporal": temporal})


async def sent_under_kills(house: House, post: Post, messages: int) -> list[str]:
    """Send to twenty people at once, with a kill of each program on the way; return the texts that went out."""
    for number in range(20):
        await post.send(*(f"{number}:{n}" for n in range(messages // 20)), to=f"+799912300{number:02}")
    for share, name in ((0.3, "providers"), (0.6, "worker")):
        async with asyncio.timeout(40):
            await house.kill_at(int(messages * share), name)
    await post.all_end(60)
    return [said.rstrip().rpartition("\n")[2] for said in went_out(house.outbox)]


async def test_with_a_provider_that_dedupes_each_goes_out_once_and_in_order(
    stack: Stack, own: Settings, fresh_database: Database, tmp_path: Path
) -> None:
    house = House(stack, own, tmp_path / "outbox", dedupes=True)
    async with standing(house, fresh_database, own) as post:
        texts = await sent_under_kills(house, post, 200)
        rows = await post.rows()
    assert {row.state for row in rows} == {MessageState.DELIVERED}
    assert sorted(texts) == sorted(row.text for row in rows)
    assert [[t for t in texts if t.startswith(f"{n}:")] for n in range(20)] == [
        [f"{n}:{m}" for m in range(10)] for n in range(20)
    ]


async def test_with_any_other_each_goes_out_at_most_once_and_a_doubt_is_said(
    stack: Stack, own: Settings, fresh_database: Database, tmp_path: Path
) -> None:
    house = House(stack, own, tmp_path / "outbox", dedupes=False)
    async with standing(house, fresh_database, own) as post:
        texts = await sent_under_kills(house, post, 100)
        rows = await post.rows()
    assert len(texts) == len(set(texts))
    assert {row.state for row in rows} <= {MessageState.DELIVERED, MessageState.UNKNOWN}
    assert {row.text for row in rows if row.state is MessageState.DELIVERED} <= set(texts)
