"""Telephone numbers: kept as E.164, shown as Russians write them."""

import phonenumbers

from schemas.errors import Invalid

_SHORT = range(2, 6)  # 112, 122, extensions of the centre
RUSSIA, NATIONAL = 7, 10


def normalise(text: str, may_be_short: bool = False) -> str:
    """Return the number as E.164; a short one, where it may be dialled, as it is; raise Invalid when it is none."""
    typed = text.strip()
    digits = "".join(c for c in typed if c.isdigit())
    if may_be_short and digits == typed and len(digits) in _SHORT:
        return digits
    try:
        number = phonenumbers.parse(typed, "RU")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not _is_whole(number):
        raise Invalid(fields={"number": "Введите номер телефона: +7 и десять цифр."})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    if number.country_code == RUSSIA:  # the library calls longer ones possible, too
        return len(phonenumbers.national_significant_number(number)) == NATIONAL
    return bool(phonenumbers.is_possible_number(number))


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
