"""The door of a local SMSC: it may listen with TLS, and lets in whoever knows the name and the password."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field

from telephony.smpp import HEADER, INVALID_PASSWORD, LONGEST_PDU, RESPONSE, UNKNOWN_ID

LOCAL = "127.0.0.1"
BINDS = frozenset({0x01, 0x02, 0x09})
NOT_BOUND = 0x04
BIND_WITHIN = 5.0
PIECE = 65_536


@dataclass(frozen=True)
class Door:
    """Where a server listens, and whom it lets in."""

    port: int
    system_id: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


class Gate:
    """Judges the first PDU of each connection, and from then on passes octets to and from the server behind it: that
    one knows neither passwords nor TLS, and listens on a port of this machine alone."""

    def __init__(self, door: Door, behind: int) -> None:
        self._door, self._behind = door, behind
        self.refused = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        server = await asyncio.start_server(self._receive, LOCAL, self._door.port, ssl=self._door.tls)
        async with server:
            await server.serve_forever()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(BIND_WITHIN):
                head = await reader.readexactly(HEADER.size)
                length, command, _, number = HEADER.unpack(head)
                body = await reader.readexactly(min(length, LONGEST_PDU) - HEADER.size)
            if status := self._judge(command, body):
                self.refused += 1
                writer.write(HEADER.pack(HEADER.size, command | RESPONSE, status, number))
                await writer.drain()
            else:
                await self._pass_on(reader, writer, head + body)
        writer.close()

    def _judge(self, command: int, body: bytes) -> int:
        """Return the status of a bind; 0 lets in."""
        system_id, password = (*body.split(b"\0"), b"", b"")[:2]
        if command not in BINDS:
            return NOT_BOUND
        if system_id != self._door.system_id.encode():
            return UNKNOWN_ID
        return 0 if password == self._door.password.encode() else INVALID_PASSWORD

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOCAL, self._behind)
        inner_writer.write(first)
        ways = [asyncio.ensure_future(_copy(*way)) for way in ((reader, inner_writer), (inner_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            inner_writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while octets := await source.read(PIECE):
            target.write(octets)
            await target.drain()
