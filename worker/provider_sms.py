"""A local SMSC for `make run` and tests: takes everything, keeps it as readable files, sends receipts.

What it took stands in a journal before it answers, so that it forgets nothing when it is killed: the same id of ours
gets the same answer, and a receipt that nobody has acknowledged is sent again.
"""

import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import smpp34

from schemas.base import Value
from schemas.message_length import SmsEncoding, decode
from worker.place import free_port
from worker.provider_gate import LOCAL, Door, Gate

HAS_HEADER, IS_RECEIPT, UCS2 = 0x40, 0x04, 8
RECEIPTED_ID, RECEIPTED_STATE, DELIVERED = 0x001E, 0x0427, 2
LOOK_EVERY, AGAIN_AFTER, AT_ONCE = 0.05, 1.0, 20
log = logging.getLogger(__name__)


class Part(Value):
    """A part as the journal keeps it; `key`: our own id of it."""

    id: str
    key: str = ""
    source: str
    to: str
    joined: str
    number: int
    of: int
    text: str


class Smsc:
    """The server; `outbox` is the folder of its files."""

    def __init__(self, outbox: Path, door: Door, id_tag: int, receipts_after: float = 1.0) -> None:
        self._outbox, self._id_tag, self._receipts_after = outbox, id_tag, receipts_after
        behind = free_port()
        self._server = smpp34.Server(LOCAL, behind, system_id="local")
        self.gate = Gate(door, behind)
        self._sessions: dict[str, smpp34.Esme] = {}
        self._taken: dict[str, str] = {}
        self._joined: dict[tuple[str, str], dict[int, str]] = {}
        self._owed: dict[str, tuple[Part, float]] = {}
        self._run, self._numbers = uuid4().hex[:6], count(1)
        outbox.mkdir(parents=True, exist_ok=True)
        self._journal_path = outbox / ".sms.journal"
        self._remember()
        self._journal = self._journal_path.open("a", buffering=1)

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._server.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.gate.run())
                group.create_task(self._pay())
                while True:
                    self._hear(await self._server.next())
        finally:
            self._journal.close()
            await self._server.stop()

    def _hear(self, said: smpp34.Esme | smpp34.SubmitSmEvent | smpp34.Unbound) -> None:
        if isinstance(said, smpp34.Esme):
            self._sessions[said.session_id] = said
        elif isinstance(said, smpp34.Unbound):
            self._sessions.pop(said.session_id, None)
        else:
            said.accept(self._take(said))

    def _take(self, said: smpp34.SubmitSmEvent) -> str:
        """Keep a part, and return its id; what came before under our id has its id already."""
        key = next((tlv.value.decode() for tlv in said.tlvs if tlv.tag == self._id_tag), "")
        if key in self._taken:
            return self._taken[key]
        part = part_of(said, f"{self._run}{next(self._numbers):06x}", key)
        self._write(part.model_dump())
        self._know(part)
        self._publish(part)
        if said.registered_delivery & 1:
            self._owed[part.id] = part, asyncio.get_running_loop().time() + self._receipts_after
        return part.id

    def _know(self, part: Part) -> None:
        if part.key:
            self._taken[part.key] = part.id
        self._joined.setdefault((part.to, part.joined), {})[part.number] = part.text

    def _publish(self, part: Part) -> None:
        """Write the message as a file when all its parts are here."""
        parts = self._joined[part.to, part.joined]
        if len(parts) < part.of:
            return
        del self._joined[part.to, part.joined]
        text = "".join(parts[number] for number in sorted(parts))
        said = f"Кому: +{part.to}\nОт: {part.source}\nЧастей: {part.of}\n\n{text}\n"
        fresh = self._outbox / f".{part.id}.new"
        fresh.write_text(said)
        fresh.rename(self._outbox / f"{datetime.now():%Y%m%d-%H%M%S}-{part.to}-{part.id}.txt")  # noqa: DTZ005

    async def _pay(self) -> None:
        """Send the receipts that are due, while somebody is bound to take them."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = asyncio.get_running_loop().time()
            session = next((one for one in self._sessions.values() if one.can_receive), None)
            due = [part for part, at in self._owed.values() if at <= now][:AT_ONCE]
            if session is not None and due:
                await asyncio.gather(*(self._send_receipt(session, part) for part in due))

    async def _send_receipt(self, session: smpp34.Esme, part: Part) -> None:
        state = [smpp34.Tlv(RECEIPTED_ID, part.id.encode() + b"\0"), smpp34.Tlv(RECEIPTED_STATE, bytes([DELIVERED]))]
        said = f"id:{part.id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:".encode()
        try:
            answer = await session.deliver_sm(part.source, said, source_addr=part.to, esm_class=IS_RECEIPT, tlvs=state)
            is_kept = answer.is_success
        except smpp34.SmppError:
            is_kept = False
        if is_kept:
            del self._owed[part.id]
            self._write({"receipted": part.id})
        else:
            self._owed[part.id] = part, asyncio.get_running_loop().time() + AGAIN_AFTER

    def _write(self, line: dict[str, Any]) -> None:
        self._journal.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _remember(self) -> None:
        """Read the journal of earlier runs; a line that was being written at the end of one was never answered."""
        lines = self._journal_path.read_text().splitlines() if self._journal_path.exists() else []
        written = {path.stem.rsplit("-", 1)[-1] for path in self._outbox.glob("*.txt")}
        for line in readable(lines):
            if "receipted" in line:
                self._owed.pop(line["receipted"], None)
                continue
            part = Part.model_validate(line)
            self._know(part)
            self._owed[part.id] = part, 0.0
            parts = self._joined[part.to, part.joined]
            if len(parts) == part.of and part.id in written:
                del self._joined[part.to, part.joined]
            elif len(parts) == part.of:
                self._publish(part)


def part_of(said: smpp34.SubmitSmEvent, provider_id: str, key: str) -> Part:
    """Read a submit: its header, if it has one, says which part of what it is."""
    octets, encoding = said.short_message, SmsEncoding.UCS2 if said.data_coding == UCS2 else SmsEncoding.GSM7
    joined, of, number = provider_id, 1, 1
    if said.esm_class & HAS_HEADER:
        header, octets = octets[: octets[0] + 1], octets[octets[0] + 1 :]
        joined, of, number = f"{header[3]:02x}", header[4], header[5]
    return Part(
        id=provider_id,
        key=key,
        source=said.source_addr,
        to=said.destination_addr,
        joined=joined,
        number=number,
        of=of,
        text=decode(octets, encoding),
    )


def readable(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            log.warning("smsc.broken_line")
