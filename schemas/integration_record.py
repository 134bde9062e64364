"""Records of other systems: applications, enquiries, tickets, each known by its source and its number there."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AwareDatetime,
    Field,
    SkipValidation,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from stdnum.ru import inn as inn_rule

from schemas import snils as snils_rule
from schemas.base import PLAIN, Value
from schemas.errors import Invalid
from schemas.integration import Scope
from schemas.phone import normalise
from schemas.sentences import invalid

MOST_ROWS = 1000
"""Rows of one batch."""
MOST_DETAILS = 20
EXTERNAL_ID = r"^[^\x00-\x1f/]+$"
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=EXTERNAL_ID)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=PLAIN)]
WHO = ("snils", "inn", "phone")


class RecordKind(StrEnum):
    """What other systems send; the word of the table, in the plural that of the address."""

    APPLICATION = "application"
    ENQUIRY = "enquiry"
    TICKET = "ticket"


class Upserted(StrEnum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class OutsideRecord(Value):
    """What all of them have. Whose it is says exactly one of `snils`, `inn`, `phone`."""

    snils: str | None = Field(default=None, max_length=20, examples=["112-233-445 95"])
    inn: str | None = Field(default=None, max_length=20)
    phone: str | None = Field(default=None, max_length=40)
    number: Annotated[Short, Field(min_length=1, description="As the citizen knows it.")]
    status: Annotated[Short, Field(min_length=1, description="In words, as the operator reads it out.")]
    is_finished: bool = Field(default=False, description="Unfinished ones stand first in the card.")
    updated_at: AwareDatetime = Field(description="When it changed over there; older news never replace newer ones.")
    details: dict[Short, Long] = Field(
        default_factory=dict, max_length=MOST_DETAILS, description="What else an operator may read: label and text."
    )

    @field_validator("snils")
    @classmethod
    def check_snils(cls, typed: str | None) -> str | None:
        """Kept as digits."""
        if typed is not None and not snils_rule.is_valid(typed):
            raise ValueError("Проверьте СНИЛС: контрольное число не сходится.")
        return snils_rule.digits_of(typed) if typed is not None else None

    @field_validator("inn")
    @classmethod
    def check_inn(cls, typed: str | None) -> str | None:
        """Kept as digits."""
        if typed is not None and not inn_rule.is_valid(typed):
            raise ValueError("Проверьте ИНН: контрольное число не сходится.")
        return str(inn_rule.compact(typed)) if typed is not None else None

    @field_validator("phone")
    @classmethod
    def check_phone(cls, typed: str | None) -> str | None:
        """Kept as E.164."""
        try:
            return normalise(typed) if typed is not None else None
        except Invalid as refusal:
            raise ValueError(next(iter(refusal.fields.values()))) from None

    @model_validator(mode="after")
    def check_who(self) -> "OutsideRecord":
        """Two keys might name two people: the sender decides which one counts."""
        if sum(getattr(self, name) is not None for name in WHO) != 1:
            raise ValueError("Назовите абонента одним способом: СНИЛС, ИНН или телефон.")
        return self

    @property
    def who(self) -> str:
        """Return the key under which a card finds it: `snils:11223344595`."""
        return next(f"{name}:{value}" for name in WHO if (value := getattr(self, name)) is not None)


class Application(OutsideRecord):
    """A citizen's application («заявление») for a service."""

    service: Annotated[Short, Field(min_length=1)]
    submitted_at: AwareDatetime
    due_at: AwareDatetime | None = None
    office: Short = ""


class Enquiry(OutsideRecord):
    """An enquiry («обращение») that another system registered."""

    topic: Short = ""
    text: Long = ""
    answer: Long = ""
    at: AwareDatetime


class Ticket(OutsideRecord):
    """A ticket («талон») of an office's queue."""

    office: Annotated[Short, Field(min_length=1)]
    service: Short = ""
    window: Short = ""
    at: AwareDatetime


class ApplicationRow(Application):
    """An application of a batch."""

    external_id: ExternalId


class EnquiryRow(Enquiry):
    """An enquiry of a batch."""

    external_id: ExternalId


class TicketRow(Ticket):
    """A ticket of a batch."""

    external_id: ExternalId


RECORDS: Mapping[RecordKind, type[OutsideRecord]] = {
    RecordKind.APPLICATION: Application,
    RecordKind.ENQUIRY: Enquiry,
    RecordKind.TICKET: Ticket,
}
SCOPES = {
    RecordKind.APPLICATION: Scope.APPLICATIONS_WRITE,
    RecordKind.ENQUIRY: Scope.ENQUIRIES_WRITE,
    RecordKind.TICKET: Scope.TICKETS_WRITE,
}


class RowError(Value):
    """What is wrong in a row: the field (empty: the row as a whole) and a sentence."""

    field: str
    # As it is: a copy would forget how the sentence is translated.
    message: Annotated[str, SkipValidation]


class RowReport(Value):
    """What became of one row of a batch."""

    index: int
    external_id: str | None
    result: Upserted
    errors: tuple[RowError, ...] = ()


class BatchReport(Value):
    """What became of a batch, row by row in its order."""

    created: int
    updated: int
    unchanged: int
    refused: int
    rows: tuple[RowReport, ...]


class RecordReport(Value):
    """What became of one record."""

    external_id: str
    result: Upserted


class RecordView(Value):
    """A record as the card shows it; `at` is its own time, `fields` the rest by name."""

    id: UUID
    kind: RecordKind
    source: str
    number: str
    status: str
    is_finished: bool
    at: datetime
    updated_at: datetime
    fields: dict[str, Any]
    details: dict[str, str]


class RowIsWrong(Exception):
    """A row that is refused, and why."""

    def __init__(self, errors: tuple[RowError, ...]) -> None:
        self.errors = errors
        super().__init__(str(errors))


def read_row(kind: RecordKind, row: object) -> tuple[str, OutsideRecord]:
    """Return the external id and the record of a row, or raise RowIsWrong with all that is wrong in it."""
    known = ROWS[kind]
    try:
        read = known.model_validate(row)
    except ValidationError as error:
        said = invalid(error).fields.items()
        raise RowIsWrong(tuple(RowError(field=field, message=message) for field, message in said)) from None
    external_id: str = getattr(read, "external_id")  # noqa: B009 - each of the three has it
    return external_id, read


ROWS: Mapping[RecordKind, type[OutsideRecord]] = {
    RecordKind.APPLICATION: ApplicationRow,
    RecordKind.ENQUIRY: EnquiryRow,
    RecordKind.TICKET: TicketRow,
}
