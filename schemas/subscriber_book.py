"""Subscriber: the address book («адресная книга») of those whom one may call."""

from enum import StrEnum
from uuid import UUID

from schemas.base import Value
from schemas.errors import NotFound
from schemas.phone import masked, shown
from schemas.subscriber import SubscriberType, masked_name

NO_ENTRY = "Такой записи в адресной книге нет."


class PhoneKind(StrEnum):
    """Which of a subscriber's telephones."""

    MOBILE = "mobile"
    CONTACT = "contact"


class Entry(Value):
    """One telephone of one subscriber; as text it stands in addresses and orders."""

    subscriber_id: UUID
    kind: PhoneKind

    @property
    def text(self) -> str:
        """Return the entry as an order carries it."""
        return f"{self.subscriber_id}.{self.kind}"

    @classmethod
    def read(cls, text: str) -> "Entry":
        """Return the entry that an order names."""
        subscriber_id, _, kind = text.partition(".")
        try:
            return cls(subscriber_id=UUID(subscriber_id), kind=PhoneKind(kind))
        except ValueError:
            raise NotFound(NO_ENTRY) from None


class Contact(Value):
    """Whom one may call, as the asker may see him: of strangers the name and the number are half hidden."""

    entry: str
    kind: PhoneKind
    type: SubscriberType
    full_name: str
    number: str
    is_masked: bool = False

    def masked(self, is_named: bool = False) -> "Contact":
        """Return the contact as a stranger sees it; who asked for the name itself reads it."""
        name = self.full_name if is_named else masked_name(self.full_name)
        return self.model_copy(update={"full_name": name, "number": masked(self.number), "is_masked": True})

    @property
    def shown(self) -> str:
        """Return the number as people read it."""
        return self.number if self.is_masked else shown(self.number)


class AddressBook(Value):
    """What a search found, in the order of names; `has_more`: narrow it down."""

    contacts: tuple[Contact, ...] = ()
    has_more: bool = False


class DialledNumber(Value):
    """A number that the asker has called today, and how that ended."""

    number: str
    full_name: str | None = None
    outcome: str | None = None
