"""Messages at the front door: sent from a call's card, read in the card and in the supervisor's list."""

from collections.abc import Sequence, Set
from uuid import UUID

from schemas.base import id_from
from schemas.call import CallView
from schemas.errors import Conflict, Invalid, NotFound
from schemas.message import (
    LONGEST_SMS,
    NOT_CONNECTED,
    AcceptMessage,
    MessageChannel,
    MessageState,
    MessageView,
    NotConnected,
    SendMessage,
)
from schemas.message_length import measure
from schemas.message_list import MessageFilter, MessagePage, MessageRow
from schemas.page import Rows
from schemas.phone import normalise
from schemas.sentences import Sentence
from schemas.subscriber import Caller, SubscriberView
from services import call as calls
from services import subscriber
from services.access import may, require
from services.front import Front, Session
from services.idempotency import OtherRequest
from store import audit, message_list
from store import message as store

NOT_NOW = "Сообщение можно отправить только во время звонка."
NOT_OF_CARD = {
    MessageChannel.SMS: "Выберите номер телефона из карточки абонента.",
    MessageChannel.EMAIL: "Такого адреса нет в карточке абонента.",
}
ADDRESSES = ("contact_phone", "mobile_phone", "email")
TOO_LONG = "Текст SMS длиннее, чем знаков: {most}. Лишних знаков: {over}."
NOTHING = Rows[MessageRow](rows=())


async def send_message(front: Front, call_id: UUID, typed: SendMessage, connected: Set[MessageChannel]) -> MessageView:
    """Send a message to the subscriber of a call that the actor serves; the same key is the same message.

    «Finish» at this very moment comes before, and it is refused, or after. `connected`: what has a provider here.
    """
    require(front.actor, "message.send")
    message_id = id_from("message", front.actor.employee_id, typed.key)
    if (sent := await store.find(front.session, message_id)) is not None:
        return _same(front, sent, call_id, typed)
    is_serving = await message_list.hold_serving(front.session, call_id, front.actor.employee_id)
    call = await calls.get_call(front, call_id)
    if not is_serving:
        raise Conflict(NOT_NOW)
    if typed.channel not in connected:
        raise NotConnected(typed.channel)
    wanted = _wanted(front, message_id, call, typed, await list_addresses(front, call, typed.channel))
    if await accept(front.session, wanted, connected):
        said = {"call_id": str(call_id), "channel": typed.channel}
        audit.record(front.session, front.actor.employee_id, ("message", "send"), message_id, **said)
    return _same(front, await _get(front.session, message_id), call_id, typed)


async def accept(session: Session, wanted: AcceptMessage, connected: Set[MessageChannel]) -> bool:
    """Write a message that goes out, whoever asks for it, and leave its start; False when it is there already.

    What the system sends by itself has nobody whom it could refuse: without a provider of its channel the message has
    failed as it is written, with the reason, stands so in every list, tells the webhooks, and is never begun.
    """
    state, why = MessageState.ACCEPTED, ""
    if wanted.channel not in connected:
        state, why = MessageState.FAILED, NOT_CONNECTED[wanted.channel]
    values = wanted.model_dump(exclude={"to"})
    return await store.add(session, store.Message(**values, address=wanted.to, state=state, why=why))


def list_not_connected(connected: Set[MessageChannel]) -> dict[MessageChannel, str]:
    """Return why nothing can be sent, by channel: what stands on the buttons instead."""
    return {channel: why for channel, why in NOT_CONNECTED.items() if channel not in connected}


async def may_send(front: Front, call_id: UUID) -> bool:
    """Whether the actor may send a message from this call now: what shows the buttons."""
    if not may(front.actor, "message.send"):
        return False
    return await message_list.is_serving(front.session, call_id, front.actor.employee_id)


async def list_addresses(front: Front, call: CallView, channel: MessageChannel) -> list[str]:
    """Return where a message of this call may go; of a caller who has not shown who he is, only his number is known."""
    known = _known(await subscriber.get_caller(front, call))
    if channel is MessageChannel.EMAIL:
        return [one.email for one in known if one.email]
    phones = [phone for one in known for phone in (one.contact_phone, one.mobile_phone)]
    return list(dict.fromkeys(phone for phone in (*phones, call.number) if phone and phone.startswith("+")))


async def address_of(front: Front, call: CallView, field: str) -> str:
    """Return the address beside which the window was opened: a field of the card, else the call's own number."""
    for one in _known(await subscriber.get_caller(front, call)):
        if field in ADDRESSES and (found := getattr(one, field)):
            return str(found)
    return call.number


async def list_of_call(front: Front, call_id: UUID, page: MessagePage) -> Rows[MessageRow]:
    """List the messages that were sent in one call."""
    require(front.actor, "message.read")
    call = await calls.get_call(front, call_id)
    if not call.may_know:
        return NOTHING
    return await message_list.list_rows(front.session, MessageFilter(call_id=call_id), page)


async def list_of_card(front: Front, call: CallView, caller: Caller, page: MessagePage) -> Rows[MessageRow]:
    """List what a call's card shows: all that its subscriber was sent, or, while he is not known, the call's own."""
    if caller.subscriber is None or caller.is_masked:
        return await list_of_call(front, call.id, page)
    require(front.actor, "message.read")
    return await message_list.list_rows(front.session, MessageFilter(subscriber_id=caller.subscriber.id), page)


async def list_of_subscriber(front: Front, subscriber_id: UUID, page: MessagePage) -> Rows[MessageRow]:
    """List the messages sent to a subscriber whose card the actor may open."""
    require(front.actor, "message.read")
    await subscriber.get_subscriber(front, subscriber_id)
    return await message_list.list_rows(front.session, MessageFilter(subscriber_id=subscriber_id), page)


async def list_messages(front: Front, wanted: MessageFilter, page: MessagePage) -> Rows[MessageRow]:
    """List the messages of all."""
    require(front.actor, "message.list")
    return await message_list.list_rows(front.session, wanted, page)


async def get_message(front: Front, message_id: UUID) -> MessageRow:
    """Return one message."""
    require(front.actor, "message.list")
    found = await message_list.list_rows(front.session, MessageFilter(id=message_id), MessagePage(size=1))
    if not found.rows:
        raise NotFound("Такого сообщения нет.")
    return found.rows[0]


def spelt(channel: MessageChannel, to: str) -> str:
    """Return an address as cards keep it; what is no number stays as it is, no card has it."""
    if channel is MessageChannel.EMAIL:
        return to.strip()
    try:
        return normalise(to)
    except Invalid:
        return to.strip()


def wrong_in(typed: SendMessage) -> dict[str, str]:
    """Return what is wrong with a text: {field: sentence}."""
    if not typed.text.strip():
        return {"text": "Введите текст сообщения."}
    over = measure(typed.text).characters - LONGEST_SMS
    if typed.channel is MessageChannel.SMS and over > 0:
        return {"text": Sentence(TOO_LONG, {"most": str(LONGEST_SMS), "over": str(over)})}
    if typed.channel is MessageChannel.SMS and typed.subject:
        return {"subject": "У SMS нет темы."}
    return {}


def _wanted(
    front: Front, message_id: UUID, call: CallView, typed: SendMessage, addresses: Sequence[str]
) -> AcceptMessage:
    """Return what is to go out; refuse what is no address of the card and a text that cannot be sent."""
    wrong, to = wrong_in(typed), spelt(typed.channel, typed.to)
    if to not in addresses:
        wrong["to"] = NOT_OF_CARD[typed.channel]
    if wrong:
        raise Invalid(fields=wrong)
    return AcceptMessage(
        id=message_id,
        channel=typed.channel,
        to=to,
        subject=typed.subject.strip(),
        text=typed.text,
        sender_id=front.actor.employee_id,
        call_id=call.id,
        subscriber_id=call.subscriber_id,
    )


def _same(front: Front, sent: store.Message, call_id: UUID, typed: SendMessage) -> MessageView:
    """Return the message that the key stands for; refuse a key that stood for another one."""
    asked = (call_id, typed.channel, spelt(typed.channel, typed.to), typed.subject.strip(), typed.text)
    if asked != (sent.call_id, sent.channel, sent.address, sent.subject, sent.text):
        raise OtherRequest
    fields = {name: getattr(sent, name) for name in ("id", "channel", "state", "subject", "text", "call_id", "why")}
    times = {"created_at": sent.created_at, "changed_at": sent.changed_at}
    return MessageView(**fields, **times, to=sent.address, sender_name=front.actor.full_name)


async def _get(session: Session, message_id: UUID) -> store.Message:
    found = await store.find(session, message_id)
    assert found is not None
    return found


def _known(caller: Caller) -> tuple[SubscriberView, ...]:
    return () if caller.is_masked or caller.subscriber is None else (caller.subscriber,)
