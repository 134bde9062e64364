"""Messages on their real way: relay, process, worker of the provider, and a server that speaks SMPP or SMTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import make_url, select
from sqlmodel import col
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from config.settings_message import EmailSettings, SmsSettings
from schemas.message import ENDED_MESSAGE, MessageChannel, MessageState, message_workflow_id
from store import message
from store.message import Message
from store.session import Database
from telephony.provider import Answer, Outgoing
from worker import message as workers
from worker import relay_delivery
from worker.relay import Relay
from worker.temporal import sandboxed_runner

NUMBER, ADDRESS = "+79991230001", "anna@example.org"
PATIENCE = 15.0


class Post:
    """What tests of messages do and see."""

    def __init__(self, database: Database, temporal: Client) -> None:
        self.database, self.temporal = database, temporal
        self.prefix = f"post-{uuid4().hex[:8]}"
        url = make_url(database.engine.url.render_as_string(hide_password=False))
        self.means = workers.Means(temporal, database, self.prefix, url)

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Post"]:
        """Run the processes and carry the outbox; providers come by `sms` and `mail`."""
        worker = workers.message_worker(self.temporal, self.prefix, self.database, sandboxed_runner())
        async with worker, doing(self.carry()):
            yield self

    async def carry(self) -> None:
        relay = Relay(self.database, relay_delivery.addressees(self.temporal, self.prefix))
        while True:
            if not await relay.carry():
                await asyncio.sleep(0.01)

    def sms(self, port: int, **given: Any) -> "Doing":
        settings = SmsSettings(host="127.0.0.1", port=port, source="Pult", rate=1000, **given)
        return doing(workers.hold_sms(self.means, settings))

    def mail(self, port: int, **given: Any) -> "Doing":
        settings = EmailSettings(host="127.0.0.1", port=port, sender="Пульт <info@example.org>", rate=1000, **given)
        return doing(workers.hold_mail(self.means, settings))

    def through(self, provider: "FakeProvider") -> Worker:
        return workers.provider_worker(self.means, provider, rate=1000, at_once=5)

    async def send(self, *texts: str, to: str = NUMBER, channel: MessageChannel = MessageChannel.SMS) -> list[UUID]:
        """Leave messages as the front door does, in this order."""
        rows = [Message(id=uuid4(), channel=channel, address=to, subject="Запись на приём", text=one) for one in texts]
        async with self.database.transaction() as session:
            for row in rows:
                assert await message.add(session, row)
        return [row.id for row in rows]

    async def rows(self) -> Sequence[Message]:
        async with self.database.reading() as session:
            return (await session.execute(select(Message).order_by(col(Message.created_at)))).scalars().all()

    async def row(self, message_id: UUID) -> Message:
        return next(row for row in await self.rows() if row.id == message_id)

    async def comes_to(self, message_id: UUID, state: MessageState) -> Message:
        """Wait until the message is in the state."""

        async def is_there() -> bool:
            return (await self.row(message_id)).state is state

        await until(is_there, f"{message_id} never came to {state}")
        return await self.row(message_id)

    async def all_end(self, seconds: float = PATIENCE) -> dict[MessageState, int]:
        """Wait until every message has ended; return how many in which state."""

        async def is_over() -> bool:
            return all(row.state in ENDED_MESSAGE for row in await self.rows())

        await until(is_over, "some messages never ended", seconds, every=0.2)
        states = [row.state for row in await self.rows()]
        return {state: states.count(state) for state in set(states)}

    def process(self, message_id: UUID) -> WorkflowHandle[object, object]:
        return self.temporal.get_workflow_handle(message_workflow_id(message_id))


class Doing:
    """Work in the background, cut off at the end."""

    def __init__(self, work: Awaitable[None]) -> None:
        self._work = work

    async def __aenter__(self) -> None:
        self._task = asyncio.ensure_future(self._work)

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def doing(work: Awaitable[None]) -> Doing:
    return Doing(work)


async def until(
    holds: Callable[[], Awaitable[bool]], otherwise: str, seconds: float = PATIENCE, every: float = 0.03
) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < deadline, otherwise
        await asyncio.sleep(every)


def went_out(outbox: Path, kind: str = "txt") -> list[str]:
    """Return the files of a local provider's folder, oldest first."""
    paths = sorted(outbox.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_text() for path in paths]


class FakeProvider:
    """A provider whose answers a test writes beforehand; the last one stays."""

    dedupes = False

    def __init__(self, name: str, *answers: Answer | Exception) -> None:
        self.name, self.answers = name, list(answers)
        self.got: list[Outgoing] = []

    async def send(self, message: Outgoing, taken: int) -> Answer:
        self.got.append(message)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
