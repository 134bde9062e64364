"""A local mail server for `make run` and tests: takes everything and keeps it as files that a mail program opens."""

import asyncio
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 20 * 2**20


class MailServer:
    """The server; a letter that comes twice under one Message-ID is kept once."""

    def __init__(self, outbox: Path, port: int) -> None:
        self._outbox, self._port = outbox, port
        outbox.mkdir(parents=True, exist_ok=True)
        self._taken = {path.stem.split("-", 2)[-1] for path in outbox.glob("*.eml")}

    async def run(self) -> None:
        """Serve until cancelled."""
        server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", self._port)
        async with server:
            await server.serve_forever()

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="local", enable_SMTPUTF8=True, data_size_limit=LARGEST)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the letter before answering."""
        content: Any = envelope.content
        octets = content if isinstance(content, bytes) else str(content).encode()
        name = name_of(octets)
        if name not in self._taken:
            fresh = self._outbox / f".{name}.new"
            fresh.write_bytes(octets)
            fresh.rename(self._outbox / f"{datetime.now():%Y%m%d-%H%M%S}-{name}.eml")  # noqa: DTZ005
            self._taken.add(name)
        return "250 2.0.0 kept"


def name_of(octets: bytes) -> str:
    """Return the letter's id as a name of a file."""
    own = message_from_bytes(octets)["Message-ID"] or str(uuid4())
    return "".join(char for char in own.strip("<>").partition("@")[0] if char.isalnum() or char == "-")
