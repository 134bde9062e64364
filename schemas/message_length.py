"""How long an SMS is: its alphabet, its characters, its parts. The page counts by the same rule while one types."""

from enum import StrEnum

from schemas.base import Value

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of GSM 03.38; a character's place is its code. ESC leads to the extension."""
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESCAPE = 0x1B
_CODES = {char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE} | {
    char: bytes([_ESCAPE, code]) for char, code in _EXTENSION.items()
}


class SmsEncoding(StrEnum):
    """GSM7 when every character is in its alphabet, else UCS2 (any Cyrillic)."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


# Units of a message that is alone, and of each part of a longer one: its header takes six octets.
_ROOM = {SmsEncoding.GSM7: (160, 153), SmsEncoding.UCS2: (70, 67)}


class Measured(Value):
    """What an SMS takes. `characters`: as people count them; `left`: units that still fit into the last part."""

    encoding: SmsEncoding
    characters: int
    parts: int
    left: int


def normal(text: str) -> str:
    """Return the text as it goes out: lines end as telephones end them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(text: str) -> SmsEncoding:
    """Return the shortest encoding that has every character."""
    return SmsEncoding.GSM7 if all(char in _CODES for char in text) else SmsEncoding.UCS2


def encode(text: str, encoding: SmsEncoding) -> bytes:
    """Return the octets of a text: a septet in each for GSM7, UTF-16BE for UCS2."""
    if encoding is SmsEncoding.UCS2:
        return text.encode("utf-16-be", "replace")
    return b"".join(_CODES[char] for char in text)


def measure(text: str) -> Measured:
    """Return what the text takes as an SMS."""
    text = normal(text)
    encoding = encoding_of(text)
    parts = split(text)
    room = _ROOM[encoding][len(parts) > 1]
    left = room - _units(parts[-1], encoding)
    return Measured(encoding=encoding, characters=len(text), parts=len(parts), left=left)


def split(text: str) -> list[str]:
    """Return the parts; neither a pair of UTF-16 nor one of the extension is ever divided."""
    text = normal(text)
    encoding = encoding_of(text)
    alone, together = _ROOM[encoding]
    if _units(text, encoding) <= alone:
        return [text]
    parts, begun = [], 0
    taken = 0
    for place, char in enumerate(text):
        units = _units(char, encoding)
        if taken + units > together:
            parts.append(text[begun:place])
            begun, taken = place, 0
        taken += units
    return [*parts, text[begun:]]


def _units(text: str, encoding: SmsEncoding) -> int:
    octets = len(encode(text, encoding))
    return octets // 2 if encoding is SmsEncoding.UCS2 else octets


def decode(octets: bytes, encoding: SmsEncoding) -> str:
    """Return the text of octets: what `encode` made, read back."""
    if encoding is SmsEncoding.UCS2:
        return octets.decode("utf-16-be", "replace")
    escaped = {code: char for char, code in _EXTENSION.items()}
    codes, read = iter(octets), []
    for code in codes:
        read.append(escaped.get(next(codes, 0), " ") if code == _ESCAPE else _BASIC[code & 0x7F])
    return "".join(read)
