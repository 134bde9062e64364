"""Templates of messages at the front door: the administrator keeps them, operators begin with them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from schemas.directory import EntryPosition
from schemas.errors import Conflict, Invalid, NotFound, Stale
from schemas.message import LONGEST_SMS, MessageChannel
from schemas.message_length import measure
from schemas.message_template import Filled, SaveTemplate, TemplateView
from schemas.phone import shown
from schemas.sentences import EMPTY, Sentence
from schemas.subscriber import Caller, SubscriberType
from services import call as calls
from services import message_fill, subscriber
from services.access import require
from services.front import Front
from store import audit, message_list
from store import message_template as store
from store.base import clock
from store.message import MessageTemplate

MANAGE = "message.manage_templates"
NO_SUCH = "Такого шаблона нет."
TAKEN = "Такой шаблон уже есть."
TOO_LONG = "Шаблон SMS длиннее, чем знаков: {most}."
SAMPLE = {
    "абонент": "Белова Анна Сергеевна",
    "имя": "Анна Сергеевна",
    "оператор": "Котова Ольга Викторовна",
    "телефон": "+7 (916) 123-45-67",
    "очередь": "Горячая линия",
}
"""The card of the preview."""

PATRONYMIC = re.compile("([вьм]ич|[вч]на)$")
NOT_NOW = "Шаблон заполняется по карточке во время звонка."


async def list_templates(front: Front) -> list[TemplateView]:
    """Return every template, the archived ones last."""
    require(front.actor, MANAGE)
    return [_view(row) for row in await store.list_templates(front.session)]


async def list_choices(front: Front, channel: MessageChannel) -> list[tuple[str, str]]:
    """Return what an operator may begin with."""
    require(front.actor, "message.send")
    return [(str(row.id), row.name) for row in await store.list_offered(front.session, channel)]


async def get_template(front: Front, template_id: UUID) -> TemplateView:
    """Return one template."""
    require(front.actor, MANAGE)
    return _view(await _get(front, template_id))


async def add_template(front: Front, typed: SaveTemplate) -> TemplateView:
    """Add a template at the end of the list."""
    require(front.actor, MANAGE)
    known = await store.lock(front.session)
    await _refuse_wrong(front, typed)
    row = await store.add(front.session, MessageTemplate(**typed.model_dump(), position=len(known)))
    _note(front, "create", row, name=row.name)
    return _view(row)


async def save_template(front: Front, template_id: UUID, version: int, typed: SaveTemplate) -> TemplateView:
    """Change a template that nobody changed meanwhile."""
    require(front.actor, MANAGE)
    row = _of(await store.lock(front.session), template_id)
    if row.version != version:
        raise Stale
    await _refuse_wrong(front, typed, row.id)
    for name, value in typed.model_dump().items():
        setattr(row, name, value)
    row.version += 1
    _note(front, "save", row, version=row.version)
    return _view(row)


async def place_template(front: Front, template_id: UUID, place: EntryPosition) -> None:
    """Move a template among those of its channel that are offered."""
    require(front.actor, MANAGE)
    rows = await store.lock(front.session)
    row = _of(rows, template_id)
    offered = [each for each in rows if each.archived_at is None and each.channel is row.channel and each is not row]
    offered.insert(place.position, row)
    for position, each in enumerate(offered):
        each.position = position
    _note(front, "place", row, position=row.position)


async def archive_template(front: Front, template_id: UUID, version: int | None = None) -> None:
    """Offer a template no more, if `version` is still the one that was read; twice is once."""
    require(front.actor, MANAGE)
    row = _of(await store.lock(front.session), template_id)
    if version not in (None, row.version):
        raise Stale
    if row.archived_at is None:
        row.archived_at = await clock(front.session)
        _note(front, "archive", row, name=row.name)


async def restore_template(front: Front, template_id: UUID) -> None:
    """Offer a template again, last in its list."""
    require(front.actor, MANAGE)
    rows = await store.lock(front.session)
    row = _of(rows, template_id)
    if row.archived_at is not None:
        row.archived_at, row.position = None, len(rows)
        _note(front, "restore", row, name=row.name)


async def preview(front: Front, typed: SaveTemplate, centre: str) -> Filled:
    """Return a template as an operator would see it, on a sample card."""
    require(front.actor, MANAGE)
    _refuse_misspelt(typed)
    values = SAMPLE | {"центр": centre, "дата": _today(front)}
    return Filled(subject=message_fill.filled(typed.subject, values), text=message_fill.filled(typed.text, values))


async def fill(front: Front, call_id: UUID, template_id: UUID, centre: str) -> Filled:
    """Return a template filled from the card of a call that the actor serves."""
    require(front.actor, "message.send")
    call = await calls.get_call(front, call_id)
    if not await message_list.is_serving(front.session, call_id, front.actor.employee_id):
        raise Conflict(NOT_NOW)
    row = await _get(front, template_id)
    if row.archived_at is not None:
        raise NotFound(NO_SUCH)
    values = {
        "оператор": front.actor.full_name,
        "центр": centre,
        "телефон": shown(call.number),
        "очередь": call.queue or "",
        "дата": _today(front),
        **_names(await subscriber.get_caller(front, call)),
    }
    return Filled(subject=message_fill.filled(row.subject, values), text=message_fill.filled(row.text, values))


def _names(caller: Caller) -> dict[str, str]:
    """Return how to speak to a caller who has shown who he is."""
    one = caller.subscriber
    if one is None or caller.is_masked:
        return {}
    is_company = one.type is SubscriberType.COMPANY
    return {"абонент": one.full_name, "имя": one.full_name if is_company else first_names(one.full_name)}


def first_names(full_name: str) -> str:
    """Return name and patronymic, in whichever order the card has the three words; a stranger one stays whole."""
    parts = full_name.split()
    place = next((nth for nth, part in enumerate(parts) if nth and PATRONYMIC.search(part.lower())), None)
    return f"{parts[place - 1]} {parts[place]}" if place else full_name


def _today(front: Front) -> str:
    return datetime.now(UTC).astimezone(front.zone).strftime("%d.%m.%Y")


def _refuse_misspelt(typed: SaveTemplate) -> None:
    wrong = {name: said for name in ("subject", "text") if (said := message_fill.wrong_in(getattr(typed, name)))}
    if not typed.text.strip():
        wrong["text"] = Sentence(EMPTY)
    elif typed.channel is MessageChannel.SMS and measure(typed.text).characters > LONGEST_SMS:
        wrong.setdefault("text", Sentence(TOO_LONG, {"most": str(LONGEST_SMS)}))
    if wrong:
        raise Invalid(fields=dict(wrong))


async def _refuse_wrong(front: Front, typed: SaveTemplate, but: UUID | None = None) -> None:
    _refuse_misspelt(typed)
    same = await store.find_by_name(front.session, typed.channel, typed.name)
    if same is not None and same.id != but:
        raise Invalid(fields={"name": TAKEN})


async def _get(front: Front, template_id: UUID) -> MessageTemplate:
    row = await store.find(front.session, template_id)
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _of(rows: Sequence[MessageTemplate], template_id: UUID) -> MessageTemplate:
    row = next((each for each in rows if each.id == template_id), None)
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _view(row: MessageTemplate) -> TemplateView:
    return TemplateView(**{name: getattr(row, name) for name in TemplateView.model_fields})


def _note(front: Front, verb: str, row: MessageTemplate, **details: object) -> None:
    audit.record(front.session, front.actor.employee_id, ("message_template", verb), row.id, **details)
