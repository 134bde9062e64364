"""Another system: a real HTTP server that keeps what it gets and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat


@dataclass
class Got:
    """One request."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers the codes one after the other, the last one for ever; `hold` keeps the answers back."""

    codes: Iterator[int]
    text: bytes = b"thanks"
    url: str = ""
    got: list[Got] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = (line.partition(": ") for line in head.split("\r\n")[1:] if line)
        headers = {name.lower(): value for name, _, value in lines}
        self.got.append(Got(headers, await reader.readexactly(int(headers.get("content-length", 0)))))
        await self.hold.wait()
        location = "Location: http://127.0.0.1:1/elsewhere\r\n"
        said = (
            f"HTTP/1.1 {next(self.codes)} So\r\n{location}Content-Length: {len(self.text)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(said.encode() + self.text)
        writer.close()


@asynccontextmanager
async def receiving(*codes: int, text: bytes = b"thanks", answers: bool = True) -> AsyncIterator[Receiver]:
    """Serve on a free port of this machine."""
    receiver = Receiver(chain(codes, repeat(codes[-1] if codes else 200)), text)
    if answers:
        receiver.hold.set()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.close()
