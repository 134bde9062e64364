"""What a message's process does to the world: it submits once, and writes what came of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from schemas.base import Value
from schemas.message import MessageState, StartMessage
from store import message_send
from store.message_send import Claim
from store.session import Database
from telephony.provider import Answer, Outgoing, Provider, Verdict

NEXT_TURN = timedelta(seconds=0.5)
LOOKS, LOOK_EVERY = 15, 0.1
MOST_OLDER = 50
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SIGN_EVERY = 1.0
LOST = "Ответ провайдера не получен: сообщение могло уйти."
NOT_SENT = "Провайдер не отвечал слишком долго: сообщение не отправлено."
NO_RECEIPT = "Отчёт о доставке не пришёл в срок."


class CloseMessage(Value):
    """What the receipts say; the words stand by the parts."""

    message_id: UUID
    state: MessageState


class MessageActivities:
    """The acts of a message over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def close_message(self, order: CloseMessage) -> MessageState:
        """Write how it ended; return the state that counts."""
        async with self._database.transaction() as session:
            row = await message_send.lock(session, order.message_id)
            why = "" if order.state is MessageState.DELIVERED else await message_send.find_why(session, row.id)
            await message_send.change(session, row, order.state, why)
            return row.state

    @activity.defn
    async def expire_message(self, message_id: UUID) -> MessageState:
        """Write that the time is over: not sent at all, or nobody knows."""
        async with self._database.transaction() as session:
            row = await message_send.lock(session, message_id)
            if row.state is MessageState.SENT:
                await message_send.change(session, row, MessageState.UNKNOWN, NO_RECEIPT)
            elif row.submitting_at is not None:
                await message_send.change(session, row, MessageState.UNKNOWN, LOST)
            else:
                await message_send.change(session, row, MessageState.FAILED, NOT_SENT)
            return row.state


class SendActivities:
    """The act of sending over a database and a provider; it runs where the provider is held."""

    def __init__(self, database: Database, provider: Provider) -> None:
        self._database, self._provider = database, provider

    @activity.defn
    async def send_message(self, begun: StartMessage) -> MessageState:
        """Hand the message to the provider once, after the older ones to its address; return the state it has then."""
        async with _alive():
            for _ in range(LOOKS):
                state = await self._send(begun.message_id)
                if state is not None:
                    return state
                await asyncio.sleep(LOOK_EVERY)
        raise ApplicationError("an older one goes first", type="Turn", next_retry_delay=NEXT_TURN)

    async def _send(self, message_id: UUID) -> MessageState | None:
        """Send; None while somebody else is sending an older one. One that nobody sends yet is sent here: its own act
        will find it done."""
        claim = await self._claim(message_id, by=message_id)
        for _ in range(MOST_OLDER):
            if not claim.waits or claim.first is None:
                break
            await self._hand_over(claim.first, await self._claim(claim.first, by=message_id))
            claim = await self._claim(message_id, by=message_id)
        return None if claim.waits else await self._hand_over(message_id, claim)

    async def _claim(self, message_id: UUID, by: UUID) -> Claim:
        async with self._database.transaction() as session:
            return await message_send.claim(session, message_id, by)

    async def _hand_over(self, message_id: UUID, claim: Claim) -> MessageState:
        if claim.state is not MessageState.ACCEPTED or claim.waits:
            return claim.state
        if claim.repeated and not self._provider.dedupes:
            return await self._keep(message_id, Answer(verdict=Verdict.LOST))
        message = Outgoing(id=message_id, address=claim.address, subject=claim.subject, text=claim.text)
        return await self._keep(message_id, await self._provider.send(message, claim.taken))

    async def _keep(self, message_id: UUID, answer: Answer) -> MessageState:
        """Write the answer over a short absence of the database: unwritten, it would be a doubt for ever."""
        for pause in PAUSES:
            try:
                return await self._settle(message_id, answer)
            except (OSError, SQLAlchemyError):
                await asyncio.sleep(pause)
        return await self._settle(message_id, answer)

    async def _settle(self, message_id: UUID, answer: Answer) -> MessageState:
        """Write the answer; raise when the rest is to be tried again."""
        async with self._database.transaction() as session:
            row = await message_send.lock(session, message_id)
            await message_send.keep_parts(session, row, self._provider.name, answer.ids)
            if answer.verdict is Verdict.TAKEN:
                await message_send.change(session, row, MessageState.SENT)
                await session.flush()
                await message_send.conclude(session, row)
            elif answer.verdict is Verdict.REFUSED:
                await message_send.change(session, row, MessageState.FAILED, answer.why)
            elif answer.verdict is Verdict.LATER:
                await message_send.release(session, row)
            elif not self._provider.dedupes:
                await message_send.change(session, row, MessageState.UNKNOWN, LOST)
            state = row.state
        if state is MessageState.ACCEPTED:
            raise ApplicationError(f"try again: {answer.verdict}", type="TryAgain")
        return state


@asynccontextmanager
async def _alive() -> AsyncIterator[None]:
    """Tell the process that we are at it, so that a killed worker is noticed before the act's time is over."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(SIGN_EVERY)  # most are over before: a sign costs as much as the act
            activity.heartbeat()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
