"""Template of a message: a text that operators begin with, filled from the card."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import PLAIN, Value
from schemas.message import LONGEST_MAIL, LONGEST_SUBJECT, MessageChannel

FIELD_WORDS = {
    "абонент": "ФИО или название абонента",
    "имя": "имя и отчество абонента, у организации её название",
    "оператор": "ФИО оператора",
    "центр": "название центра",
    "телефон": "номер, с которого звонит абонент",
    "очередь": "очередь звонка",
    "дата": "сегодняшняя дата",
}
"""What a template may name: the field and what stands in its place."""


class SaveTemplate(Value):
    """A template as it is typed."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=PLAIN)]
    channel: MessageChannel
    subject: str = Field(default="", max_length=LONGEST_SUBJECT, pattern=r"^[^\x00\r\n]*$")
    text: str = Field(min_length=1, max_length=LONGEST_MAIL, pattern=PLAIN)


class TemplateView(SaveTemplate):
    """A saved template; an archived one is offered no more."""

    id: UUID
    version: int
    archived_at: datetime | None = None


class Filled(Value):
    """A template with the fields of a card in it."""

    subject: str
    text: str
