"""Subscriber: what is misspelt in a card, field by field."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from stdnum.ru import inn, ogrn

from schemas import snils
from schemas.errors import Invalid
from schemas.phone import normalise
from schemas.subscriber import TYPES_WITH, SubscriberType, has_field
from schemas.subscriber_region import REGIONS
from schemas.subscriber_zone import ZONES

PHONES = ("contact_phone", "mobile_phone")
DIGITS = ("snils", "inn", "ogrn")
OLDEST = date(1900, 1, 1)
LENGTHS = {
    "inn": {SubscriberType.PERSON: 12, SubscriberType.ENTREPRENEUR: 12, SubscriberType.COMPANY: 10},
    "ogrn": {SubscriberType.ENTREPRENEUR: 15, SubscriberType.COMPANY: 13},
}
LENGTH_WORDS = {
    10: "В ИНН организации 10 цифр.",
    12: "В ИНН человека 12 цифр.",
    13: "В ОГРН 13 цифр.",
    15: "В ОГРНИП 15 цифр.",
}
CONTROLS: dict[str, tuple[Callable[[str], bool], str]] = {
    "inn": (inn.is_valid, "Проверьте ИНН: контрольное число не сходится."),
    "ogrn": (ogrn.is_valid, "Проверьте ОГРН: контрольное число не сходится."),
}
_NUMBER = re.compile(r"[\d\s-]+")
_KPP = re.compile(r"\d{4}[\dA-Z]{2}\d{3}")


def trimmed(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card's values without blanks around them, an empty one as nothing."""
    return {n: value.strip() or None if isinstance(value, str) else value for n, value in card.items()}


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked card as it is kept: phones as E.164, numbers as digits."""
    phones = {name: normalise(values[name]) for name in PHONES if values.get(name)}
    digits = {name: snils.digits_of(values[name]) for name in DIGITS if values.get(name)}
    return {**values, **phones, **digits}


def wrong_in(values: Mapping[str, Any], today: date) -> dict[str, str]:
    """Return what is misspelt in a card, everything at once: {field: sentence}."""
    return dict([*_strange(values), *_wrong_numbers(values), *_wrong_contacts(values), *_wrong_rest(values, today)])


def _strange(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = values.get("type")
    if kind in tuple(SubscriberType):
        for name in TYPES_WITH:
            if values.get(name) and not has_field(SubscriberType(kind), name):
                yield name, "У абонента этого типа такого поля нет."


def _wrong_numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    typed = values.get("snils")
    if typed and not (_NUMBER.fullmatch(typed) and snils.is_valid(typed)):
        yield "snils", "Проверьте СНИЛС: контрольное число не сходится."
    for name, (is_valid, sentence) in CONTROLS.items():
        length = LENGTHS[name].get(values.get("type"))  # type: ignore[arg-type]
        if not (text := values.get(name)) or length is None:
            continue
        digits = snils.digits_of(text)
        if not _NUMBER.fullmatch(text) or len(digits) != length:
            yield name, LENGTH_WORDS[length]
        elif not is_valid(digits):
            yield name, sentence
    if values.get("kpp") and not _KPP.fullmatch(values["kpp"]):
        yield "kpp", "В КПП 9 знаков, например 770701001."


def _wrong_contacts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in PHONES:
        if values.get(name):
            try:
                normalise(values[name])
            except Invalid as refusal:
                yield name, next(iter(refusal.fields.values()))
    if values.get("email") and not _is_address(values["email"]):
        yield "email", "Укажите адрес целиком, например name@mail.ru."


def _wrong_rest(values: Mapping[str, Any], today: date) -> Iterator[tuple[str, str]]:
    if not values.get("full_name"):
        yield "full_name", "Укажите ФИО или название организации."
    born = values.get("birth_date")
    if isinstance(born, date) and not OLDEST <= born <= today:
        yield "birth_date", "Проверьте дату рождения."
    if values.get("region") and values["region"] not in REGIONS:
        yield "region", "Выберите регион из списка."
    if values.get("time_zone") and values["time_zone"] not in ZONES:
        yield "time_zone", "Выберите часовой пояс из списка."


def _is_address(text: str) -> bool:
    name, _, place = text.partition("@")
    return bool(name) and "." in place.strip(".") and not any(sign.isspace() for sign in text) and "@" not in place
