"""СНИЛС: vectors of the Pension Fund's rule."""

import pytest

from schemas import snils


@pytest.mark.parametrize("number", ["112-233-445 95", "087-654-303 00", "11223344595"])
def test_a_number_that_agrees_with_its_control_is_valid(number: str) -> None:
    assert snils.is_valid(number)


@pytest.mark.parametrize("number", ["112-233-445 96", "087-654-303 01", "000-000-000 00", "112-233-445 9", "", "один"])
def test_any_other_number_is_not(number: str) -> None:
    assert not snils.is_valid(number)


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("112-233-445 95", True),
        (" 112-233-445 95 ", True),
        ("11223344595", False),
        ("112-233-445-95", False),
        ("vera", False),
    ],
)
def test_the_form_of_the_manual_is_known(text: str, looks: bool) -> None:
    assert snils.looks_like_snils(text) is looks


def test_it_is_shown_as_the_manual_writes_it_and_masked_in_lists() -> None:
    assert snils.shown("11223344595") == "112-233-445 95"
    assert snils.masked("11223344595") == "•••-•••-445 95"
