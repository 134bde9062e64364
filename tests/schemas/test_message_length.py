"""The length of an SMS: vectors of GSM 03.38 and 03.40."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.message_length import SmsEncoding, encode, encoding_of, measure, split

GSM7, UCS2 = SmsEncoding.GSM7, SmsEncoding.UCS2


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "parts", "left"),
    [
        ("", GSM7, 0, 1, 160),
        ("Hello", GSM7, 5, 1, 155),
        ("a" * 160, GSM7, 160, 1, 0),
        ("a" * 161, GSM7, 161, 2, 145),
        ("€" * 80, GSM7, 80, 1, 0),
        ("a" * 152 + "€" * 5, GSM7, 157, 2, 143),  # the pair of € is not divided: the first part stays at 152
        ("Запись", UCS2, 6, 1, 64),
        ("я" * 70, UCS2, 70, 1, 0),
        ("я" * 71, UCS2, 71, 2, 63),
        ("я" * 66 + "😀" + "я" * 5, UCS2, 72, 2, 60),  # nor is the emoji's
        ("one\r\ntwo", GSM7, 7, 1, 153),
    ],
)
def test_a_text_takes_what_the_standard_says(
    text: str, encoding: SmsEncoding, characters: int, parts: int, left: int
) -> None:
    measured = measure(text)
    assert (measured.encoding, measured.characters) == (encoding, characters)
    assert (measured.parts, measured.left) == (parts, left)


@given(st.text(st.sampled_from("aя€[😀\n 1"), max_size=400))
def test_parts_are_the_whole_text_and_each_fits(text: str) -> None:
    parts, encoding = split(text), encoding_of(text)
    assert "".join(parts) == text
    assert all(len(encode(part, encoding)) <= (160 if encoding is GSM7 else 140) for part in parts)
    if len(parts) > 1:
        assert all(len(encode(part, encoding)) <= (153 if encoding is GSM7 else 134) for part in parts)
