"""SMPP 3.4: one bound transceiver. The octets of messages are smpp34's; the session is ours, because a receipt may be
answered only after it is written down, and smpp34's own client answers before anybody has seen it."""

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import smpp34

from telephony.provider import trusting

HEADER = struct.Struct(">IIII")
BIND_TRANSCEIVER, UNBIND, ENQUIRE_LINK = 0x00000009, 0x00000006, 0x00000015
DELIVER_SM, RESPONSE = 0x00000005, 0x80000000
VERSION = 0x34
OK, UNKNOWN_COMMAND, TEMPORARY = 0x00000000, 0x00000003, 0x00000064
ALREADY_BOUND, BIND_FAILED, INVALID_PASSWORD, UNKNOWN_ID = 0x00000005, 0x0000000D, 0x0000000E, 0x0000000F
WORDS = {
    ALREADY_BOUND: "считает прежний сеанс ещё открытым",
    BIND_FAILED: "не впускает нас",
    INVALID_PASSWORD: "не принимает пароль",
    UNKNOWN_ID: "не знает такого system_id",
}
LONGEST_PDU = 70_000
CONNECT_WITHIN, ANSWER_WITHIN, SILENT_FOR = 5.0, 5.0, 15.0
HEARD_AT_ONCE = 8
Hear = Callable[[smpp34.DeliverSm], Awaitable[None]]


class SmppLost(ConnectionError):
    """The session is over, or an answer did not come: what was asked may have been done."""


class SmppRefused(ConnectionError):
    """The provider does not let us in; with `is_lasting` no sooner than somebody mends the settings, here or there."""

    def __init__(self, status: int) -> None:
        super().__init__(f"оператор связи {WORDS.get(status, 'отказывает в сеансе')} (0x{status:08X})")
        self.is_lasting = status in (BIND_FAILED, INVALID_PASSWORD, UNKNOWN_ID)


@dataclass(frozen=True)
class SmppAccess:
    """Where a provider listens and how it knows us; `authorities` (PEM): who vouches for its certificate."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    tls: bool = False
    authorities: str = ""
    window: int = 20


class SmppLink:
    """A session from its bind to its end; `hear` gets each deliver_sm and may refuse it by raising."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Hear, window: int = 20
    ) -> None:
        self.closed = asyncio.Event()
        self._reader, self._writer, self._hear = reader, writer, hear
        self._asked: dict[int, asyncio.Future[smpp34.RawPdu]] = {}
        self._room = asyncio.Semaphore(window)
        self._ears = asyncio.Semaphore(HEARD_AT_ONCE)
        self._last = 0
        self._heard_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, access: SmppAccess, hear: Hear) -> "SmppLink":
        """Connect and bind as a transceiver, or raise an OSError."""
        async with asyncio.timeout(CONNECT_WITHIN):
            rules = trusting(access.authorities) if access.tls else None
            reader, writer = await asyncio.open_connection(access.host, access.port, ssl=rules)
        link = cls(reader, writer, hear, access.window)
        link._begin(link._read())
        try:
            names = (access.system_id, access.password, "")
            body = b"".join(name.encode() + b"\0" for name in names) + bytes([VERSION, 0, 0]) + b"\0"
            bound = await link._ask(lambda number: _pdu(BIND_TRANSCEIVER, OK, number, body))
            if bound.command_status != OK:
                raise SmppRefused(bound.command_status)
        except BaseException:
            await link.close()
            raise
        link._begin(link._keep_alive())
        return link

    async def submit(self, **message: Any) -> tuple[int, str]:
        """Hand over one part; return the status and, when it was taken, the provider's id. Raise SmppLost without an
        answer."""
        async with self._room:
            answer = await self._ask(lambda number: smpp34.SubmitSm(**message, sequence_number=number).encode())
        return answer.command_status, answer.body.split(b"\0")[0].decode(errors="replace")

    async def close(self) -> None:
        """Take leave, and end whatever waits."""
        if not self.closed.is_set():
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._ask(lambda number: _pdu(UNBIND, OK, number))
        self._end()
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self) -> None:
        self.closed.set()
        self._writer.close()
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(SmppLost("the session is over"))
        self._asked.clear()

    async def _ask(self, made: Callable[[int], bytes]) -> smpp34.RawPdu:
        if self.closed.is_set():
            raise SmppLost("the session is over")
        self._last = self._last % 0x7FFFFFFF + 1
        number = self._last
        waiting: asyncio.Future[smpp34.RawPdu] = asyncio.get_running_loop().create_future()
        self._asked[number] = waiting
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                self._writer.write(made(number))
                await self._writer.drain()
                return await waiting
        except TimeoutError as error:
            raise SmppLost("no answer in time") from error
        except OSError as error:
            raise SmppLost(type(error).__name__) from error
        finally:
            self._asked.pop(number, None)

    async def _read(self) -> None:
        try:
            while True:
                head = await self._reader.readexactly(HEADER.size)
                length, command, _, number = HEADER.unpack(head)
                if not HEADER.size <= length <= LONGEST_PDU:
                    break
                pdu = head + await self._reader.readexactly(length - HEADER.size)
                self._heard_at = asyncio.get_running_loop().time()
                if not self._receive(command, number, pdu):
                    break
        except (OSError, asyncio.IncompleteReadError, smpp34.SmppError):
            pass
        finally:
            self._end()

    def _receive(self, command: int, number: int, pdu: bytes) -> bool:
        """Take one PDU; False when it was the last."""
        if command & RESPONSE:
            waiting = self._asked.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(_raw(pdu))
        elif command == DELIVER_SM:
            self._begin(self._take(number, pdu))
        elif command in (ENQUIRE_LINK, UNBIND):
            self._writer.write(_pdu(command | RESPONSE, OK, number))
            return command != UNBIND
        else:
            self._writer.write(_pdu(RESPONSE, UNKNOWN_COMMAND, number))
        return True

    async def _take(self, number: int, pdu: bytes) -> None:
        """Answer a receipt after it is written down: until then the provider must keep it."""
        async with self._ears:
            try:
                delivered = smpp34.decode(pdu)
                assert isinstance(delivered, smpp34.DeliverSm)
                await self._hear(delivered)
                status = OK
            except Exception:  # whatever it was, the provider repeats what we could not keep
                status = TEMPORARY
        if not self.closed.is_set():
            self._writer.write(_pdu(DELIVER_SM | RESPONSE, status, number, b"\0"))

    async def _keep_alive(self) -> None:
        try:
            while True:
                await asyncio.sleep(SILENT_FOR / 3)
                if asyncio.get_running_loop().time() - self._heard_at >= SILENT_FOR:
                    await self._ask(lambda number: _pdu(ENQUIRE_LINK, OK, number))
        except OSError:
            self._end()

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _pdu(command: int, status: int, number: int, body: bytes = b"") -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, status, number) + body


def _raw(pdu: bytes) -> smpp34.RawPdu:
    answer = smpp34.decode(pdu)
    assert isinstance(answer, smpp34.RawPdu)
    return answer
