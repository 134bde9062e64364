"""SMS by SMPP: a text as parts, the provider's answers and receipts in our words."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import smpp34

from schemas.base import Value
from schemas.message import MessageState
from schemas.message_length import SmsEncoding, encode, encoding_of, split
from telephony.provider import Answer, Outgoing, Verdict
from telephony.smpp import SmppLink, SmppLost

NAME = "sms"
INTERNATIONAL, NETWORK, ALPHANUMERIC, ISDN = 1, 3, 5, 1
HAS_HEADER, RECEIPT_WANTED, IS_RECEIPT = 0x40, 1, 0x04
RECEIPTED_ID, RECEIPTED_STATE = 0x001E, 0x0427
CODINGS = {SmsEncoding.GSM7: 0, SmsEncoding.UCS2: 8}
SYSTEM_ERROR, QUEUE_FULL, THROTTLED, TRY_LATER = 0x08, 0x14, 0x58, 0x64
BUSY = frozenset({QUEUE_FULL, THROTTLED})
NOT_NOW = BUSY | {SYSTEM_ERROR, TRY_LATER}
"""Not taken, and not the message's fault."""
FIRST_PAUSE, LONGEST_PAUSE, PATIENCE = 0.2, 2.0, 4.0
WORDS = {0x0A: "неверный отправитель", 0x0B: "неверный номер", 0x45: "сообщение не принято"}
ENDS = {
    "DELIVRD": (MessageState.DELIVERED, ""),
    "EXPIRED": (MessageState.FAILED, "Телефон не был доступен до конца срока"),
    "DELETED": (MessageState.FAILED, "Сообщение удалено оператором связи"),
    "UNDELIV": (MessageState.FAILED, "Телефон не принимает сообщение"),
    "UNKNOWN": (MessageState.UNKNOWN, "Оператор связи не знает, доставлено ли"),
    "REJECTD": (MessageState.FAILED, "Сообщение отклонено оператором связи"),
}
"""Whatever else a receipt says (ENROUTE, ACCEPTD) is not an end."""
STATS = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 7: "UNKNOWN", 8: "REJECTD"}
_TEXT = re.compile(r"id:(?P<id>\S+).*?stat:(?P<stat>\w+)(?:.*?err:(?P<err>\w*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class SmsTerms:
    """What a provider agreed with us. `id_tag`: the vendor's TLV in which it looks for our id, when it dedupes; `rate`:
    parts per second."""

    source: str
    rate: float = 1000.0
    dedupes: bool = False
    id_tag: int = 0x1501


class PartReceipt(Value):
    """What a provider says of one part."""

    provider_id: str
    state: MessageState
    why: str = ""


class Sms:
    """The provider of SMS behind a bound session."""

    name = NAME

    def __init__(self, link: SmppLink, terms: SmsTerms) -> None:
        self._link, self._terms = link, terms
        self._free_at = self._next_at = 0.0
        self._pause = FIRST_PAUSE

    @property
    def dedupes(self) -> bool:
        return self._terms.dedupes

    async def send(self, message: Outgoing, taken: int) -> Answer:
        """Send the parts one after another; a busy provider is asked again for a while."""
        ids: list[str] = []
        for part in parts_of(message, self._terms)[taken:]:
            try:
                status, provider_id = await self._submit(part)
            except SmppLost:
                return Answer(verdict=Verdict.LOST, ids=tuple(ids))
            if status != 0:
                verdict = Verdict.LATER if status in NOT_NOW else Verdict.REFUSED
                return Answer(verdict=verdict, ids=tuple(ids), why=_why(status))
            ids.append(provider_id)
        return Answer(verdict=Verdict.TAKEN, ids=tuple(ids))

    async def _submit(self, part: dict[str, Any]) -> tuple[int, str]:
        """Submit, giving the provider time when it asks for it: all messages then wait together."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        while True:
            self._next_at = max(clock(), self._free_at, self._next_at) + 1 / self._terms.rate
            await asyncio.sleep(self._next_at - clock())
            answer = await self._link.submit(**part)
            if answer[0] not in BUSY:
                self._pause = FIRST_PAUSE
                return answer
            if clock() > deadline:
                return answer
            if clock() >= self._free_at:
                self._free_at, self._pause = clock() + self._pause, min(LONGEST_PAUSE, self._pause * 2)


def parts_of(message: Outgoing, terms: SmsTerms) -> list[dict[str, Any]]:
    """Return the submits of a message; parts of a longer one carry the header that joins them."""
    texts, encoding = split(message.text), encoding_of(message.text)
    ton, npi = _kind_of(terms.source)
    parts = []
    for number, text in enumerate(texts, start=1):
        header = bytes([5, 0, 3, message.id.bytes[-1], len(texts), number]) if len(texts) > 1 else b""
        our_id = f"{message.id}/{number}".encode()
        part = {
            "source_addr": terms.source,
            "source_addr_ton": ton,
            "source_addr_npi": npi,
            "destination_addr": message.address.removeprefix("+"),
            "dest_addr_ton": INTERNATIONAL,
            "dest_addr_npi": ISDN,
            "esm_class": HAS_HEADER if header else 0,
            "data_coding": CODINGS[encoding],
            "registered_delivery": RECEIPT_WANTED,
            "short_message": header + encode(text, encoding),
            "tlvs": [smpp34.Tlv(terms.id_tag, our_id)] if terms.dedupes else [],
        }
        parts.append(part)
    return parts


def receipt_of(delivered: smpp34.DeliverSm) -> PartReceipt | None:
    """Return what a deliver_sm says of a part; None when it is no receipt, or not yet the end."""
    if not delivered.esm_class & IS_RECEIPT:
        return None
    tlvs = {tlv.tag: tlv for tlv in delivered.tlvs}
    said = _TEXT.search(delivered.short_message.decode("latin-1"))
    named, number = tlvs.get(RECEIPTED_ID), tlvs.get(RECEIPTED_STATE)
    provider_id = named.as_string() if named else said and said["id"]
    stat = STATS.get(number.as_int() or 0, "") if number else said["stat"].upper() if said else ""
    if not provider_id or stat not in ENDS:
        return None
    state, words = ENDS[stat]
    code = " ".join(filter(None, (stat, said and said["err"])))
    return PartReceipt(provider_id=provider_id, state=state, why=words and f"{words} ({code})")


def _kind_of(source: str) -> tuple[int, int]:
    if not source.isdigit():
        return ALPHANUMERIC, 0
    return (NETWORK, 0) if len(source) <= 6 else (INTERNATIONAL, ISDN)


def _why(status: int) -> str:
    return f"Оператор связи отказал: {WORDS.get(status, 'код')} (0x{status:08X})"
