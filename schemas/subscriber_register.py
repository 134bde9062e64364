"""«Абоненты»: the register of cards, what it shows of each and what narrows it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas import snils
from schemas.base import PLAIN, Value
from schemas.journal import JournalFilter
from schemas.phone import masked
from schemas.subscriber import SubscriberType

KEYS = (10, 11, 12)
"""Digits of an organisation's ИНН, of a СНИЛС, of a person's ИНН."""


class RegisterFilter(Value):
    """What narrows the register: values of one field by «or», fields by «and»; `key`: a СНИЛС or an ИНН."""

    types: tuple[SubscriberType, ...] = ()
    name: Annotated[str, Field(max_length=200, pattern=PLAIN)] = ""
    numbers: tuple[Annotated[str, Field(max_length=40, pattern=PLAIN)], ...] = ()
    key: Annotated[str, Field(max_length=12, pattern=r"^\d*$")] = ""

    def searched(self, typed: str) -> "RegisterFilter":
        """Narrow to what was typed: a name, the beginning of a number in any spelling, a СНИЛС, an ИНН."""
        found = JournalFilter().searched(typed.replace("\x00", ""))
        digits = snils.digits_of(typed)
        key = digits if found.numbers and len(digits) in KEYS and not typed.strip().startswith("+") else ""
        return self.model_copy(update={"name": found.name, "numbers": found.numbers, "key": key})


class RegisterRow(Value):
    """One card; passport there is none, of a person's numbers the last digits."""

    id: UUID
    type: SubscriberType
    full_name: str
    birth_date: date | None = None
    snils: str | None = None
    inn: str | None = None
    mobile_phone: str | None = None
    contact_phone: str | None = None
    region: str | None = None
    last_call_at: datetime | None = None

    def shown(self, sees_phones: bool) -> "RegisterRow":
        """Return the row as a list may show it: by role with the telephones, or with half of them."""
        hidden = {
            "snils": snils.masked(self.snils) if self.snils else None,
            "inn": self.inn if self.type is SubscriberType.COMPANY or not self.inn else f"••••••••{self.inn[-4:]}",
        }
        if not sees_phones:
            phones = {"mobile_phone": self.mobile_phone, "contact_phone": self.contact_phone}
            hidden |= {name: masked(number) if number else None for name, number in phones.items()}
        return self.model_copy(update=hidden)


class RegisterPage(Value):
    """Which part of the register: the first one, or the one after or before a card."""

    size: int = Field(default=50, ge=1, le=500)
    after: UUID | None = None
    before: UUID | None = None


class RegisterRows(Value):
    """A part of the register in the order of names, and whether there is more on either side."""

    rows: tuple[RegisterRow, ...]
    has_next: bool = False
    has_previous: bool = False

    @property
    def next_after(self) -> str:
        """Return the card behind which the next part begins."""
        return str(self.rows[-1].id) if self.rows and self.has_next else ""

    @property
    def prev_before(self) -> str:
        """Return the card before which the previous part ends."""
        return str(self.rows[0].id) if self.rows and self.has_previous else ""
