"""Subscribers from a file: ordered here, read by those who make documents; each row is checked as a card is."""

import hashlib
from asyncio import to_thread
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from schemas.base import id_from
from schemas.errors import Invalid
from schemas.job import JobKind, JobState, JobView
from schemas.sentences import Sentence, invalid
from schemas.subscriber import FIELD_WORDS, TYPE_WORDS, SaveSubscriber, SubscriberType
from schemas.subscriber_change import Act
from schemas.subscriber_import import Row, RowResult
from services import job, subscriber, subscriber_file
from services.access import require
from services.front import Front, Session
from store import audit
from store import subscriber as cards
from store import subscriber_match as match
from store.objects import Objects
from store.subscriber import Subscriber

LARGEST = 8 * 2**20
NO_FILE = "Выберите файл XLSX или CSV."
TOO_LARGE = "Файл больше {most} МБ. Разделите его на несколько файлов."
SEVERAL = "С этим СНИЛС или ИНН есть несколько карточек: объедините их или внесите изменения вручную."
OTHER_TYPE = "Карточка с этим ИНН или СНИЛС другого типа."
OTHER_KEY = "У абонента с этим ИНН в карточке другой СНИЛС, или наоборот."
ALIKE = "Похож на абонента, который уже есть: «{name}». Проверьте и внесите изменения вручную."
TYPES = {word.lower(): one for one, word in TYPE_WORDS.items()}
DATE_FORMS = ("%d.%m.%Y", "%Y-%m-%d")


def place_of(job_id: UUID) -> str:
    """Return where the file of a job lies until it is read."""
    return f"imports/{job_id}"


async def order_import(
    front: Front, objects: Objects, sent: tuple[str, bytes], key: str, language: str = "ru"
) -> JobView:
    """Order the import of a file (its name, its bytes); the same key is the same order."""
    require(front.actor, "subscriber.import")
    name, content = sent
    if not content:
        raise Invalid(fields={"file": NO_FILE})
    if len(content) > LARGEST:
        raise Invalid(fields={"file": Sentence(TOO_LARGE, {"most": str(LARGEST // 2**20)})})
    try:
        await to_thread(subscriber_file.check, content)
    except Invalid as refusal:
        raise Invalid(fields={"file": Sentence(refusal.sentence, refusal.params)}) from None
    name = name.replace("\x00", "")[-100:] or "file"
    digest = hashlib.sha256(content).hexdigest()
    params = {"conditions": [["Файл", name]], "digest": digest, "language": language, "by": front.actor.full_name}
    order = {"kind": JobKind.IMPORT.value, "params": params, "file_name": "import-report.xlsx"}
    placed = await job.place(front, id_from("job", front.actor.employee_id, key), order)
    if placed.state == JobState.QUEUED:
        await objects.put(place_of(placed.id), content)
    return job.view(placed)


async def take_in(session: Session, employee_id: UUID, line: int, typed: Mapping[str, str]) -> Row:
    """Add or update the card that a row describes, whole or not at all; say what was done, or what is wrong."""
    said: dict[str, Any] = {"line": line, "name": typed.get("full_name", "")}
    try:
        card = subscriber.checked(card_of(typed))
    except Invalid as refusal:
        wrong = tuple((FIELD_WORDS.get(name, ""), sentence) for name, sentence in refusal.fields.items())
        return Row(result=RowResult.WRONG, wrong=wrong, **said)
    known = await match.list_by_keys(session, card)
    if known:
        doubt, done = await _update(session, employee_id, known, card, typed)
    else:
        doubt, done = await _add(session, employee_id, card, typed)
    return Row(result=done, wrong=(("", doubt),) if doubt else (), **said)


def card_of(typed: Mapping[str, str]) -> SaveSubscriber:
    """Return the card that a row describes; every cell that is wrong is said at once."""
    values: dict[str, Any] = {name: typed.get(name) for name in FIELD_WORDS} | {"full_name": typed.get("full_name", "")}
    kind = typed.get("type", TYPE_WORDS[SubscriberType.PERSON]).lower()
    values["type"] = TYPES.get(kind, kind)
    values["birth_date"] = date_of(typed.get("birth_date"))
    try:
        return SaveSubscriber(**values)
    except ValidationError as error:
        raise Invalid(fields=subscriber.wrong_in(values) | invalid(error).fields) from None


def date_of(text: str | None) -> date | str | None:
    """Return the date that is meant; what is none stays as it is, and is refused."""
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text or "", form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return text


async def _update(
    session: Session, employee_id: UUID, known: Any, card: SaveSubscriber, typed: Mapping[str, str]
) -> tuple[str, RowResult]:
    there: Subscriber = known[0]
    if len(known) > 1:
        return SEVERAL, RowResult.DOUBT
    if "type" in typed and there.type is not card.type:
        return OTHER_TYPE, RowResult.DOUBT
    if _contradicts(there, card):
        return OTHER_KEY, RowResult.DOUBT
    values = subscriber.view_of(there).model_dump(exclude={"id", "version"}) | _given(card, typed)
    before = there.version
    saved = await cards.save(session, there.id, before, SaveSubscriber(**values), by=(Act.IMPORTED, employee_id))
    return "", RowResult.UNCHANGED if saved.version == before else RowResult.UPDATED


async def _add(
    session: Session, employee_id: UUID, card: SaveSubscriber, typed: Mapping[str, str]
) -> tuple[str, RowResult]:
    alike = [one for one in await match.list_alike(session, card) if not _contradicts(one, card)]
    given = _given(card, typed)
    if any(all(getattr(one, name) == value for name, value in given.items()) for one in alike):
        return "", RowResult.UNCHANGED
    if alike:
        return Sentence(ALIKE, {"name": alike[0].full_name}), RowResult.DOUBT
    added = await cards.add(session, card, by=(Act.IMPORTED, employee_id))
    audit.record(session, employee_id, ("subscriber", "import"), added.id)
    return "", RowResult.ADDED


def _given(card: SaveSubscriber, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what the row says: an empty cell says nothing."""
    return {name: value for name, value in card if name in typed and value is not None}


def _contradicts(there: Subscriber, card: SaveSubscriber) -> bool:
    """Whether both hold a СНИЛС, or both an ИНН, and not the same."""
    pairs = ((there.snils, card.snils), (there.inn, card.inn))
    return any(one is not None and other is not None and one != other for one, other in pairs)
