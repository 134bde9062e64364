"""Numbers in any spelling become one; what is no number is refused."""

import pytest

from schemas.errors import Invalid
from schemas.phone import normalise, shown


@pytest.mark.parametrize("typed", ["8 916 123-45-67", "+7(916)1234567", " 89161234567 ", "9161234567"])
def test_every_spelling_is_one_number(typed: str) -> None:
    assert shown(normalise(typed)) == "+7 (916) 123-45-67"


@pytest.mark.parametrize(
    "typed", ["", "12", "112", "916123456", "8 999 000 11 2222 33", "позвоните мне", "+7916123456789"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        normalise(typed)
    assert "десять цифр" in refusal.value.fields["number"]


def test_a_short_number_may_be_dialled() -> None:
    assert normalise("112", may_be_short=True) == "112"


def test_a_foreign_number_is_kept() -> None:
    assert normalise("+375 29 123-45-67") == "+375291234567"
