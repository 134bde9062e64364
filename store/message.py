"""Message: what was sent to a citizen, part by part, and what came of it. Every change is a compare-and-set."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from schemas.message import MessageChannel, MessageState, StartMessage
from schemas.webhook import WebhookEvent
from store import live, outbox, webhook
from store.base import created_column, key_column, one_of, time_column


class Message(SQLModel, table=True):
    """A message; `id` is made of its sender and the key of his form, so that a repeat is the same message.

    `submitting_at`: the provider may have it; without an answer after that, nobody knows. `submitting_by`: the message
    whose act does it, its own or a younger one to the same address. `address` is E.164 or e-mail.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_subscriber", "subscriber_id", sql("created_at DESC"), sql("id DESC")),
        Index("ix_message_call", "call_id"),
        Index("ix_message_list", sql("created_at DESC"), sql("id DESC")),
        Index("ix_message_sender", "sender_id", sql("created_at DESC"), sql("id DESC")),
        Index("ix_message_address", sql("lower(address)")),
        Index("ix_message_turn", "address", "created_at", postgresql_where=sql("state = 'accepted'")),
    )
    id: UUID = Field(primary_key=True)
    channel: MessageChannel = Field(sa_type=one_of(MessageChannel))
    state: MessageState = Field(default=MessageState.ACCEPTED, sa_type=one_of(MessageState))
    address: str
    subject: str = ""
    text: str
    sender_id: UUID | None = Field(default=None, foreign_key="employee.id")
    call_id: UUID | None = Field(default=None, foreign_key="call.id")
    subscriber_id: UUID | None = Field(default=None, foreign_key="subscriber.id")
    why: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
    created_at: datetime = created_column()
    changed_at: datetime = created_column()
    submitting_at: datetime | None = time_column(nullable=True)
    submitting_by: UUID | None = None


class MessagePart(SQLModel, table=True):
    """A part that a provider took under an id of its own; its receipt may come before we have written that."""

    __tablename__ = "message_part"
    __table_args__ = (UniqueConstraint("provider", "provider_id"),)
    id: UUID = key_column()
    provider: str
    provider_id: str
    message_id: UUID | None = Field(default=None, foreign_key="message.id", index=True)
    state: MessageState | None = Field(default=None, sa_type=one_of(MessageState), nullable=True)
    why: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
    created_at: datetime = created_column()


class MessageTemplate(SQLModel, table=True):
    """A text that operators begin with: Jinja, filled from the card."""

    __tablename__ = "message_template"
    id: UUID = key_column()
    channel: MessageChannel = Field(sa_type=one_of(MessageChannel))
    name: str
    subject: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
    text: str
    position: int = Field(default=0, sa_column_kwargs={"server_default": sql("0")})
    archived_at: datetime | None = time_column(nullable=True)
    version: int = Field(default=1, sa_column_kwargs={"server_default": sql("1")})


async def add(session: AsyncSession, message: Message) -> bool:
    """Insert a message and leave the start of its process, if it has one before it; False when it is there already."""
    values = message.model_dump(exclude={"created_at", "changed_at"})
    added = await session.execute(insert(Message).values(values).on_conflict_do_nothing().returning(col(Message.id)))
    if added.first() is None:
        return False
    if message.state is MessageState.ACCEPTED:
        start = StartMessage(message_id=message.id, channel=message.channel)
        outbox.put(session, f"message-{message.id}", "start_message", start.model_dump(mode="json"))
    announce(session, message)
    return True


async def find(session: AsyncSession, message_id: UUID) -> Message | None:
    """Return a message."""
    return await session.get(Message, message_id)


def announce(session: AsyncSession, message: Message) -> None:
    """Tell the sender's pages, and the supervisors, that a message changed."""
    live.notice(session, live.role("supervisor"), "messages", message.id)
    if message.sender_id is not None:
        live.notice(session, live.person(message.sender_id), "messages", message.id)
    cause = (message.id, message.state)
    webhook.tell(session, WebhookEvent.MESSAGE_STATE_CHANGED, cause, message_id=message.id, state=message.state)
