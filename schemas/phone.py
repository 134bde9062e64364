"""Telephone numbers: kept as E.164, shown as Russians write them."""

import phonenumbers

from schemas.errors import Invalid

_SHORT = range(2, 6)  # 112, 122, extensions of the centre


def normalise(text: str) -> str:
    """Return the number as E.164 (short numbers as they are); raise Invalid when it is none."""
    typed = text.strip()
    digits = "".join(c for c in typed if c.isdigit())
    if digits == typed and len(digits) in _SHORT:
        return digits
    try:
        number = phonenumbers.parse(typed, "RU")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Invalid(fields={"number": "Введите номер телефона: +7 и десять цифр."})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """Return the number as it is written on screen: +7 (XXX) XXX-XX-XX."""
    if number.startswith("+7") and len(number) == 12:
        return f"+7 ({number[2:5]}) {number[5:8]}-{number[8:10]}-{number[10:]}"
    return number


def masked(number: str) -> str:
    """Return the number with its middle hidden, for those who may not see it whole."""
    if len(number) < 7:
        return number
    return shown(number[:-7] + "•••••" + number[-2:])
