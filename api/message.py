"""Messages: SMS and e-mail sent in a call, and lists of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import AwareDatetime, Field

from api.session import ApiFront, right
from schemas.base import PLAIN, Value
from schemas.errors import Invalid
from schemas.message import MessageChannel, MessageState, MessageView, SendMessage
from schemas.message_list import MessageFilter, MessagePage, MessageRow
from schemas.page import Place, Rows
from services import message

router = APIRouter(prefix="/api/v1", tags=["message"])
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=PLAIN)]


class ApiSendMessage(SendMessage):
    """As the form of the card; the key may come as the header instead."""

    key: str | None = Field(default=None, min_length=8, max_length=100, pattern=PLAIN)  # type: ignore[assignment]


class Messages(Value):
    """A page of messages; `next_after` asks for the next one."""

    items: tuple[MessageRow, ...]
    next_after: str | None


def page_of(
    after: Annotated[str, Query(max_length=100)] = "", limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> MessagePage:
    """Return the page that is asked for; `after` is the `next_after` of the page before."""
    place = Place.read(after) if after else None
    if after and place is None:
        raise Invalid(fields={"after": "Возьмите это значение из предыдущей страницы."})
    return MessagePage(size=limit, after=place)


Asked = Annotated[MessagePage, Depends(page_of)]


def filter_of(
    state: Annotated[list[MessageState], Query()] = [],  # noqa: B006 (FastAPI copies it)
    channel: Annotated[list[MessageChannel], Query()] = [],  # noqa: B006
    sender: Annotated[list[UUID], Query(max_length=50)] = [],  # noqa: B006
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> MessageFilter:
    """Return what narrows the list of all."""
    return MessageFilter(states=tuple(state), channels=tuple(channel), senders=tuple(sender), since=since, until=until)


@router.post(
    "/calls/{call_id}/messages",
    status_code=201,
    operation_id="send_message",
    dependencies=[right("message.send")],
)
async def send_message(
    request: Request, front: ApiFront, call_id: UUID, typed: ApiSendMessage, key: Key = None
) -> MessageView:
    """Send an SMS or an e-mail to the subscriber of a call that one serves. The key makes a repeat harmless.

    409 `channel_not_connected`: this centre has no provider of SMS, or none of e-mail."""
    if not (one := typed.key or key):
        raise Invalid(fields={"key": "Пришлите ключ: заголовок Idempotency-Key или поле key."})
    order, connected = SendMessage(**typed.model_dump() | {"key": one}), request.app.state.channels
    return await message.send_message(front, call_id, order, connected)


@router.get("/calls/{call_id}/messages", operation_id="list_call_messages", dependencies=[right("message.read")])
async def list_of_call(front: ApiFront, call_id: UUID, page: Asked) -> Messages:
    """List what was sent in a call, newest first."""
    return shown(await message.list_of_call(front, call_id, page))


@router.get(
    "/subscribers/{subscriber_id}/messages",
    operation_id="list_subscriber_messages",
    dependencies=[right("message.read")],
)
async def list_of_subscriber(front: ApiFront, subscriber_id: UUID, page: Asked) -> Messages:
    """List what was sent to a subscriber, newest first."""
    return shown(await message.list_of_subscriber(front, subscriber_id, page))


@router.get("/messages", operation_id="list_messages", dependencies=[right("message.list")])
async def list_messages(
    front: ApiFront,
    page: Asked,
    wanted: Annotated[MessageFilter, Depends(filter_of)],
    q: Annotated[str, Query(max_length=200, pattern=PLAIN)] = "",
) -> Messages:
    """List the messages of all, newest first; `q` is a name, or the beginning of a number or of an address."""
    return shown(await message.list_messages(front, wanted.searched(q) if q else wanted, page))


def shown(found: Rows[MessageRow]) -> Messages:
    return Messages(items=found.rows, next_after=found.next_after or None)
