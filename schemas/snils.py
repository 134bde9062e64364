"""СНИЛС: eleven digits with a control number, typed as XXX-XXX-XXX XX."""

import re

LENGTH = 11
MODULUS = 101
FIRST_CHECKED = 1_001_998  # numbers up to 001-001-998 have no control number
_TYPED = re.compile(r"\d{3}-\d{3}-\d{3} \d{2}")


def looks_like_snils(text: str) -> bool:
    """Whether the text has the form XXX-XXX-XXX XX."""
    return _TYPED.fullmatch(text.strip()) is not None


def is_valid(text: str) -> bool:
    """Whether the eleven digits agree with their control number."""
    digits = digits_of(text)
    if len(digits) != LENGTH or int(digits[:9]) <= FIRST_CHECKED:
        return False
    return control_of(digits[:9]) == int(digits[9:])


def control_of(number: str) -> int:
    """Return the control number: Σ digit × (9…1), mod 101, where 100 counts as 0."""
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return total % MODULUS % 100


def digits_of(text: str) -> str:
    """Return what is kept: the digits alone."""
    return "".join(c for c in text if c in "0123456789")


def shown(digits: str) -> str:
    """Return XXX-XXX-XXX XX."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def masked(digits: str) -> str:
    """Return the number for lists: only its last five digits."""
    return f"•••-•••-{digits[6:9]} {digits[9:]}"
