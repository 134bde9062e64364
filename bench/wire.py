"""A client that costs next to nothing: citizens and operators are not our processes, but here they share our cores."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LARGEST = 2**20


class Refused(Exception):
    """The server said no: the text has the status and the answer."""


class Answer(NamedTuple):
    """One answer; `body` is None when there is none."""

    status: int
    body: Any

    def good(self) -> Any:
        """Return the body, or raise what the server refused."""
        if self.status >= 400:
            raise Refused(f"{self.status} {self.body}")
        return self.body


class Wire:
    """One kept connection: requests one after another, begun anew when the server has closed it."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._turn = asyncio.Lock()
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request and return its answer."""
        sent = b"" if body is None else json.dumps(body).encode()
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        kind = "Content-Type: application/json\r\n" if sent else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._fixed}{kind}Content-Length: {len(sent)}\r\n{more}\r\n"
        async with self._turn:
            for attempt in (1, 2):
                try:
                    self._open = reader, writer = self._open or await self._connect()
                    writer.write(head.encode() + sent)
                    return await _answer(reader)
                except (ConnectionError, asyncio.IncompleteReadError):
                    self.close()  # idle for too long: the server has hung up
                    if attempt == 2:
                        raise
        raise AssertionError

    async def listen(self, path: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yield the events of a live stream: name and data."""
        reader, writer = await self._connect()
        writer.write(f"GET {path} HTTP/1.1\r\n{self._fixed}\r\n".encode())
        status = _status((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
        if status != 200:
            raise Refused(f"{status} {path}")
        name = ""
        while not reader.at_eof():
            line = (await reader.readline()).strip().decode()
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))

    def close(self) -> None:
        """Hang up."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._address, limit=LARGEST)


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    body = await reader.readexactly(int(_value(head, "content-length") or 0))
    return Answer(_status(head), json.loads(body) if body and "json" in _value(head, "content-type") else body or None)


def _status(head: str) -> int:
    return int(head.split()[1])


def _value(head: str, name: str) -> str:
    return next((line.partition(":")[2].strip() for line in head.split("\r\n") if line.startswith(f"{name}:")), "")
