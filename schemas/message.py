"""Message: an SMS or an e-mail to a citizen, from the form to its receipt."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import PLAIN, Value
from schemas.errors import Conflict

LONGEST_SMS = 700
"""Characters: eleven parts of Cyrillic; providers begin to lose longer ones."""
LONGEST_SUBJECT, LONGEST_MAIL = 200, 10_000


class MessageChannel(StrEnum):
    """By what it goes."""

    SMS = "sms"
    EMAIL = "email"


class MessageState(StrEnum):
    """accepted → sent → delivered | failed | unknown.

    `unknown`: nobody can say whether it went out (we, or the line, died between the sending and its answer), or no
    receipt came in time.
    """

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


ENDED_MESSAGE = (MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN)

MESSAGE_WORDS = {
    MessageState.ACCEPTED: "Отправляется",
    MessageState.SENT: "Отправлено",
    MessageState.DELIVERED: "Доставлено",
    MessageState.FAILED: "Не доставлено",
    MessageState.UNKNOWN: "Неизвестно",
}
CHANNEL_WORDS = {MessageChannel.SMS: "SMS", MessageChannel.EMAIL: "E-mail"}
NOT_CONNECTED = {
    MessageChannel.SMS: "Отправка SMS не настроена: обратитесь к администратору.",
    MessageChannel.EMAIL: "Отправка писем не настроена: обратитесь к администратору.",
}


class NotConnected(Conflict):
    """This installation has no provider of the channel: a message would wait for nobody."""

    code = "channel_not_connected"

    def __init__(self, channel: MessageChannel) -> None:
        super().__init__(NOT_CONNECTED[channel])


class SendMessage(Value):
    """The form of «Отправка SMS» and «Отправка на эл. почту». `to`: one of the card's numbers, or its address."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    channel: MessageChannel
    to: str = Field(max_length=200, pattern=PLAIN)
    subject: str = Field(default="", max_length=LONGEST_SUBJECT, pattern=r"^[^\x00\r\n]*$")
    text: str = Field(min_length=1, max_length=LONGEST_MAIL, pattern=PLAIN)


class AcceptMessage(Value):
    """What is to go out, its address whole; `id` is made of its cause, so that a repeat is the same message."""

    id: UUID
    channel: MessageChannel
    to: str
    subject: str = ""
    text: str
    sender_id: UUID | None = None
    call_id: UUID | None = None
    subscriber_id: UUID | None = None


class StartMessage(Value):
    """What begins the process of a message: its history names no number and no word of it."""

    message_id: UUID
    channel: MessageChannel


class Receipt(Value):
    """What the provider says of a message that it took: `state` is one of the ends."""

    state: MessageState
    at: datetime
    why: str = ""


class MessageView(Value):
    """A message as the card and the list of the supervisor show it; `why`: what the provider said."""

    id: UUID
    channel: MessageChannel
    state: MessageState
    to: str
    subject: str
    text: str
    sender_name: str
    call_id: UUID | None
    created_at: datetime
    changed_at: datetime
    why: str = ""

    @property
    def words(self) -> str:
        """Return the state in words (gettext msgid)."""
        return MESSAGE_WORDS[self.state]


def message_workflow_id(message_id: UUID) -> str:
    """Return the id of a message's process."""
    return f"message-{message_id}"
