"""A whole Пульт started by its command, as a person starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from worker.place import Place, free_port

ROOT = Path(__file__).parent.parent.parent


class Running:
    """`pult up` in a folder of its own."""

    def __init__(self, var: Path, port: int | None = None, demo: bool = False) -> None:
        self.demo = demo
        self.place = Place(var)
        self.port = port or free_port()
        self.output = var.with_suffix(".output")
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Running":
        argv = [sys.executable, "-m", "worker.cli", "up", "--var", str(self.place.root)]
        argv += [] if self.demo else ["--no-demo"]
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen([*argv, "--port", str(self.port)], stdout=output, stderr=output, cwd=ROOT)
        return self

    def started(self) -> "Running":
        self.start()
        spoken = until(lambda: "Остановить: Ctrl-C" in self.said() or self.code is not None, 120)
        if not spoken or self.code is not None:
            self.kill()
            raise AssertionError(self.said())
        return self

    def said(self) -> str:
        return self.output.read_text()

    @property
    def code(self) -> int | None:
        return self.popen.poll() if self.popen else None

    def send(self, name: signal.Signals) -> None:
        assert self.popen
        self.popen.send_signal(name)

    def wait(self, seconds: float = 20) -> int:
        assert self.popen
        return self.popen.wait(seconds)

    def remnants(self) -> list[int]:
        """Processes of this start that are alive, the supervisor among them."""
        return self.place.remnants()

    def programs(self, *parts: str) -> list[int]:
        """Processes whose command line has one of the parts."""
        lines = {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in self.remnants()}
        return [pid for pid, line in lines.items() if any(part in line for part in parts)]

    def kill_programs(self, *parts: str) -> list[int]:
        found = self.programs(*parts)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return found

    def kill(self) -> None:
        """The power cut: everything at once."""
        for pid in [*([self.popen.pid] if self.popen and self.code is None else []), *self.remnants()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.popen:
            self.popen.wait(10)

    def is_gone(self, seconds: float) -> bool:
        return until(lambda: not self.remnants(), seconds)


def until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
