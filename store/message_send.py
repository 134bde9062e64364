"""The way of a message to its provider: whose turn it is, whether it may have gone already, what was answered."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from schemas.base import Value
from schemas.message import ENDED_MESSAGE, MessageChannel, MessageState, Receipt
from schemas.message_length import split
from store import message, outbox
from store.base import clock
from store.message import Message, MessagePart

VALIDITY = timedelta(hours=72)
"""How long a provider keeps trying; what is older holds nobody back."""
_OLDEST = text(
    """SELECT id, submitting_at, submitting_by FROM message
       WHERE address = :address AND channel = :channel AND state = 'accepted' AND (created_at, id) < (:at, :id)
         AND created_at > :at - CAST(:validity AS interval)
       ORDER BY created_at, id LIMIT 1"""
)


_STRANGERS = text("DELETE FROM message_part WHERE message_id IS NULL AND created_at < now() - interval '7 days'")


class Claim(Value):
    """What may be sent now. `state`: where the message is, only ACCEPTED goes out; `waits`: an older one to the same
    address goes first, `first` when nobody sends it just now; `repeated`: the provider may have it, the answer was
    lost; `taken`: parts that it has."""

    state: MessageState
    waits: bool = False
    first: UUID | None = None
    repeated: bool = False
    taken: int = 0
    address: str = ""
    subject: str = ""
    text: str = ""


async def claim(session: AsyncSession, message_id: UUID, by: UUID) -> Claim:
    """Note that the provider may have the message from now on, unless it is not its turn; `by`: whose act sends it."""
    row = await lock(session, message_id)
    if row.state is not MessageState.ACCEPTED:
        return Claim(state=row.state)
    repeated = row.submitting_at is not None
    if repeated and row.submitting_by != by:
        return Claim(state=row.state, waits=True)
    if not repeated:
        oldest = await _find_oldest(session, row)
        if oldest is not None:
            is_free = oldest.submitting_at is None or oldest.submitting_by == by
            return Claim(state=row.state, waits=True, first=oldest.id if is_free else None)
        row.submitting_at, row.submitting_by = await clock(session), by
    taken = await session.scalar(select(func.count()).where(col(MessagePart.message_id) == row.id))
    return Claim(
        state=row.state,
        repeated=repeated,
        taken=taken or 0,
        address=row.address,
        subject=row.subject,
        text=row.text,
    )


async def lock(session: AsyncSession, message_id: UUID) -> Message:
    """Return a message that nobody else changes before the end of the transaction; always before its parts."""
    found = await session.execute(select(Message).where(col(Message.id) == message_id).with_for_update())
    return found.scalar_one()


async def keep_parts(session: AsyncSession, row: Message, provider: str, ids: tuple[str, ...]) -> None:
    """Write under which ids the provider took parts; a receipt may have come before and waits there."""
    if ids:
        rows = [{"provider": provider, "provider_id": one, "message_id": row.id} for one in ids]
        kept = insert(MessagePart).values(rows)
        await session.execute(
            kept.on_conflict_do_update(
                index_elements=["provider", "provider_id"], set_={"message_id": kept.excluded.message_id}
            )
        )


async def release(session: AsyncSession, row: Message) -> None:
    """Note that the rest was surely not taken: it may be tried again."""
    row.submitting_at = row.submitting_by = None


async def change(session: AsyncSession, row: Message, state: MessageState, why: str = "") -> bool:
    """Take a message to its next state; False when it has ended before."""
    if row.state in ENDED_MESSAGE or row.state is state:
        return False
    row.state, row.why, row.changed_at = state, why, await clock(session)
    message.announce(session, row)
    return True


async def find_why(session: AsyncSession, message_id: UUID) -> str:
    """Return the provider's words on the first part that it could not deliver."""
    said = select(col(MessagePart.why)).where(
        col(MessagePart.message_id) == message_id, col(MessagePart.state) != MessageState.DELIVERED
    )
    return await session.scalar(said.order_by(col(MessagePart.created_at)).limit(1)) or ""


async def take_receipt(
    session: AsyncSession, provider: str, provider_id: str, state: MessageState, why: str = ""
) -> None:
    """Keep what the provider says of a part, known or not yet, and tell the process when the whole is decided."""
    known = select(col(MessagePart.message_id)).where(
        col(MessagePart.provider) == provider, col(MessagePart.provider_id) == provider_id
    )
    message_id = await session.scalar(known)
    row = await lock(session, message_id) if message_id else None
    part = insert(MessagePart).values(provider=provider, provider_id=provider_id, state=state, why=why)
    written = part.on_conflict_do_update(
        index_elements=["provider", "provider_id"],
        set_={"state": part.excluded.state, "why": part.excluded.why},
        where=col(MessagePart.state).is_(None),
    )
    message_id = await session.scalar(written.returning(col(MessagePart.message_id)))
    if message_id is not None:
        await conclude(session, row or await lock(session, message_id))


async def conclude(session: AsyncSession, row: Message) -> None:
    """Leave the news for the process when the receipts decide: one failed, or all are there. Of a message that was
    given up as unknown no process is left: its row learns the truth here."""
    states = select(col(MessagePart.state)).where(col(MessagePart.message_id) == row.id)
    told = list((await session.execute(states)).scalars().all())
    end = _whole(told)
    if end is None or row.state not in (MessageState.SENT, MessageState.UNKNOWN):
        return
    if row.state is MessageState.SENT:
        signal_message(session, row.id, "receipt_arrived", Receipt(state=end, at=await clock(session)))
    elif len(told) == len(split(row.text)):
        row.state, row.changed_at, row.why = end, await clock(session), await find_why(session, row.id)
        message.announce(session, row)


def signal_message(session: AsyncSession, message_id: UUID, signal: str, news: Value) -> None:
    """Leave news for a message's process; `signal` is the workflow's signal name."""
    body = {"message_id": str(message_id), "signal": signal, "news": news.model_dump(mode="json")}
    outbox.put(session, f"message-{message_id}", "signal_message", body)


async def prune(session: AsyncSession) -> None:
    """Forget receipts of what we never sent, or never learned that the provider had."""
    await session.execute(_STRANGERS)


def _whole(parts: list[MessageState | None]) -> MessageState | None:
    if MessageState.FAILED in parts:
        return MessageState.FAILED
    if not parts or None in parts:
        return None
    return MessageState.UNKNOWN if MessageState.UNKNOWN in parts else MessageState.DELIVERED


async def _find_oldest(session: AsyncSession, row: Message) -> Any:
    known = {"address": row.address, "channel": MessageChannel(row.channel).value, "at": row.created_at, "id": row.id}
    return (await session.execute(_OLDEST, {**known, "validity": VALIDITY})).one_or_none()
