"""The machine under the robots: a whole Пульт of its own whose processes are killed, stopped and started."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import httpx

from worker.place import Place

PROGRAMS = {
    "web": "worker.cli web",
    "worker": "worker.cli worker",
    "relay": "worker.cli relay",
    "documents": "worker.cli documents",
    "postgres": "postgres",
    "valkey": "valkey-server",
    "temporal": "temporal server",
}
STARTED, PATIENCE = "Остановить: Ctrl-C", 120.0
BEGUN = ("worker.started", "relay.started", "Uvicorn running")


class NotRunning(Exception):
    """There is no such process at the moment."""


class Machine:
    """`pult up` in a folder; what is killed here comes back by itself, or the suite says that it does not."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder / "var")
        self.output = folder / "up.log"
        self.port = free_port()
        self._up: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which the processes were started."""
        return self.place.left_environment()

    async def start(self) -> None:
        argv = ["-m", "worker.cli", "up", "--var", str(self.place.root), "--port", str(self.port), "--no-demo"]
        # Robots come from many addresses, as citizens do: the throttle must see them apart.
        with self.output.open("wb") as output:
            self._up = await asyncio.create_subprocess_exec(
                sys.executable,
                *argv,
                stdout=output,
                stderr=output,
                env=os.environ | {"WEB__TRUSTED_PROXY": "127.0.0.1"},
            )
        deadline = time.monotonic() + PATIENCE
        while STARTED not in self.output.read_text():
            if self._up.returncode is not None or time.monotonic() > deadline:
                raise RuntimeError(self.output.read_text())
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        if self._up is not None and self._up.returncode is None:
            self._up.send_signal(signal.SIGTERM)
            await self._up.wait()

    def pids(self, program: str) -> list[int]:
        """Return the processes of a program that run now, its children among them."""
        return [pid for pid in self.place.remnants() if PROGRAMS[program] in command_of(pid)]

    def send(self, name: signal.Signals, program: str) -> None:
        """Signal every process of a program."""
        found = self.pids(program)
        if not found:
            raise NotRunning(program)
        tell(found, name)

    async def start_beside(self, program: str, *code: str, **settings: str) -> asyncio.subprocess.Process:
        """Start one more process with the settings of the others, and wait until it says that it has started."""
        log = self.place.path("log", f"{program}-beside.log")
        with log.open("wb") as output:
            argv = [*(code or ("-m", "worker.cli")), program]
            environment = os.environ | self.environment | settings
            started = await asyncio.create_subprocess_exec(
                sys.executable, *argv, stdout=output, stderr=output, env=environment
            )
        deadline = time.monotonic() + PATIENCE
        while not any(word in log.read_text() for word in BEGUN) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        return started

    async def cut_the_power(self) -> None:
        """Kill everything at once, the supervisor first, and start again."""
        assert self._up is not None
        self._up.kill()
        tell(self.place.remnants(), signal.SIGKILL)
        await self._up.wait()
        await self.start()

    async def is_back(self, seconds: float = 90) -> bool:
        """Wait until everything is ready; False when it does not come."""
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as http:
            while time.monotonic() < deadline:
                with suppress(httpx.TransportError):
                    if (await http.get("/health/ready")).status_code == httpx.codes.OK:
                        return True
                await asyncio.sleep(0.1)
        return False

    async def rescued(self) -> int:
        """Return how many calls only the net has matched since Valkey was filled."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as http:
            lines = (await http.get("/metrics")).text.splitlines()
        return int(sum(float(line.split()[1]) for line in lines if line.startswith("pult_rescued_by_net")))


def tell(pids: Iterable[int], name: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, name)


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
