"""Subscriber («абонент»): who phones."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.phone import masked
from schemas.subscriber_region import zone_of


class SubscriberType(StrEnum):
    """Natural person, legal entity, individual entrepreneur: see TYPE_WORDS."""

    PERSON = "person"
    COMPANY = "company"
    ENTREPRENEUR = "entrepreneur"


TYPE_WORDS = {SubscriberType.PERSON: "ФЛ", SubscriberType.COMPANY: "ЮЛ", SubscriberType.ENTREPRENEUR: "ИП"}


FIELD_WORDS = {
    "type": "Тип абонента",
    "full_name": "ФИО или название",
    "birth_date": "Дата рождения",
    "passport": "Паспортные данные",
    "snils": "СНИЛС",
    "inn": "ИНН",
    "ogrn": "ОГРН",
    "kpp": "КПП",
    "contact_person": "Контактное лицо",
    "contact_phone": "Контактный телефон",
    "mobile_phone": "Мобильный телефон",
    "email": "Электронная почта",
    "region": "Регион",
    "time_zone": "Часовой пояс",
}
"""The fields of a card in their order, and their words on screen."""

TYPES_WITH = {
    "birth_date": (SubscriberType.PERSON, SubscriberType.ENTREPRENEUR),
    "passport": (SubscriberType.PERSON, SubscriberType.ENTREPRENEUR),
    "snils": (SubscriberType.PERSON, SubscriberType.ENTREPRENEUR),
    "inn": tuple(SubscriberType),
    "ogrn": (SubscriberType.COMPANY, SubscriberType.ENTREPRENEUR),
    "kpp": (SubscriberType.COMPANY,),
    "contact_person": (SubscriberType.COMPANY,),
}
"""Whose card has the field; what does not stand here is in every card."""


def has_field(kind: SubscriberType, name: str) -> bool:
    """Whether the card of this type has this field."""
    return kind in TYPES_WITH.get(name, (kind,))


HIDDEN = "••••"
SECRETS = ("passport", "snils", "inn", "ogrn", "kpp", "email")
"""What a caller who has not shown who he is sees only the presence of."""


def masked_name(name: str) -> str:
    """Return the name with only its first letters left, for a caller who has not shown who it is."""
    return " ".join(f"{word[0]}•••" for word in name.split())


class SaveSubscriber(Value):
    """The card as it is typed; phones and numbers in any form, kept as E.164 and as digits. `ogrn`: also ОГРНИП."""

    type: SubscriberType = SubscriberType.PERSON
    full_name: str = Field(min_length=1, max_length=200)
    birth_date: date | None = None
    passport: str | None = Field(default=None, max_length=40)
    snils: str | None = Field(default=None, max_length=20)
    inn: str | None = Field(default=None, max_length=20)
    ogrn: str | None = Field(default=None, max_length=25)
    kpp: str | None = Field(default=None, max_length=15)
    contact_person: str | None = Field(default=None, max_length=200)
    contact_phone: str | None = Field(default=None, max_length=40)
    mobile_phone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)
    region: str | None = Field(default=None, max_length=100)
    time_zone: str | None = Field(default=None, max_length=40)


class SubscriberView(SaveSubscriber):
    """A saved card."""

    id: UUID
    version: int

    @property
    def zone(self) -> str | None:
        """Return the zone of the subscriber's clock, as far as the card lets know it."""
        return zone_of(self.time_zone, self.region, self.contact_phone)

    def masked(self) -> "SubscriberView":
        """Return the card without what a stranger could learn from it."""
        hidden: dict[str, Any] = {
            "full_name": masked_name(self.full_name),
            "birth_date": None,
            **{name: HIDDEN for name in SECRETS if getattr(self, name)},
            "contact_person": masked_name(self.contact_person) if self.contact_person else None,
            "region": None,
            "time_zone": None,
            "contact_phone": masked(self.contact_phone) if self.contact_phone else None,
            "mobile_phone": masked(self.mobile_phone) if self.mobile_phone else None,
        }
        return self.model_copy(update=hidden)


class Caller(Value):
    """Who phones, as far as the card may show it: nobody, one, or several that share the number."""

    subscriber: SubscriberView | None = None
    candidates: tuple[SubscriberView, ...] = ()
    is_masked: bool = False
