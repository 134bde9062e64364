"""A Пульт of the bench's own: the same processes as `make run`, in a folder that is thrown away."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings, read_settings

READY = "Остановить: Ctrl-C"
PATIENCE = 120


@dataclass(frozen=True)
class Whole:
    """Where the pages answer, the settings its processes were started with, and the process above them all."""

    url: str
    settings: Settings
    pid: int


@asynccontextmanager
async def running() -> AsyncIterator[Whole]:
    """Start everything, yield, stop everything."""
    with tempfile.TemporaryDirectory(prefix="pult-bench-") as folder:
        port = _free_port()
        var = Path(folder) / "var"
        argv = ["-m", "worker.cli", "up", "--var", str(var), "--port", str(port), "--no-demo"]
        # Robots come from many addresses, as citizens do: the throttle must see them apart.
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            *argv,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "WEB__TRUSTED_PROXY": "127.0.0.1"},
        )
        try:
            await asyncio.wait_for(_until_ready(started), PATIENCE)
            yield Whole(f"http://127.0.0.1:{port}", settings_of(_environment(var)), started.pid)
        finally:
            started.send_signal(signal.SIGTERM)
            await started.wait()


async def _until_ready(started: asyncio.subprocess.Process) -> None:
    assert started.stdout is not None
    async for line in started.stdout:
        if READY in line.decode():
            return
    raise RuntimeError("Пульт не запустился: посмотрите `pult doctor`.")


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return what the processes of another Пульт read; our own environment stays as it is."""
    before = dict(os.environ)
    os.environ |= environment
    try:
        return read_settings()
    finally:
        os.environ.clear()
        os.environ |= before


def _environment(var: Path) -> dict[str, str]:
    lines = (var / "environment").read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
