"""A call whose subscriber has a whole card, and what an operator types in the windows of messages."""

from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.message import MessageChannel, MessageState
from store.message import Message
from store.subscriber import Subscriber
from tests.people import ANNA, ANNA_NUMBER

HOME_NUMBER = "+74957654321"
EMAIL = "anna@mail.ru"
SMS = {"key": "message-key-1", "channel": "sms", "to": ANNA_NUMBER, "text": "Ждём вас в пятницу"}
LETTER = {"key": "message-key-2", "channel": "email", "to": EMAIL, "text": "Ждём вас в пятницу"}


async def card(session: AsyncSession, **fields: object) -> Subscriber:
    values: dict[str, Any] = {
        "full_name": ANNA,
        "contact_phone": HOME_NUMBER,
        "mobile_phone": ANNA_NUMBER,
        "email": EMAIL,
        **fields,
    }
    anna = Subscriber(**values)
    session.add(anna)
    await session.flush()
    return anna


async def sent(session: AsyncSession, **fields: object) -> Message:
    """Put a message into the table as its process would have left it."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "channel": MessageChannel.SMS,
        "state": MessageState.DELIVERED,
        "address": ANNA_NUMBER,
        "text": "Ждём вас в пятницу",
        **fields,
    }
    message = Message(**values)
    session.add(message)
    await session.flush()
    return message
