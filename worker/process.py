"""One child process: started so that it dies with us, stopped in its own way, explained when it fails."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from worker.trouble import Trouble

LAUNCH = Path(__file__).with_name("launch.py")
LOG_LIMIT = 10 * 2**20
PAUSE = 0.02


@dataclass
class Process:
    """A program, its log and how it likes to be stopped."""

    name: str
    argv: Sequence[str]
    log: Path
    lock: int | None = None
    identity: str = "same"
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    patience: float = 10.0
    environment: dict[str, str] | None = None
    popen: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.rename(self.log.with_suffix(".log.1"))
        launcher = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(self.orphan_signal))]
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            # A session of its own: Ctrl-C reaches only the supervisor, which stops its children in order.
            self.popen = subprocess.Popen(
                [*launcher, self.identity, *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
                pass_fds=() if self.lock is None else (self.lock,),
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.popen.pid if self.popen else None

    @property
    def code(self) -> int | None:
        """Exit code, None while it runs."""
        return self.popen.poll() if self.popen else None

    @property
    def is_alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def ask_to_stop(self) -> None:
        if self.popen and self.is_alive:
            self.popen.send_signal(self.stop_signal)

    async def stop(self) -> None:
        """Ask, wait, and insist after the patience is over."""
        self.ask_to_stop()
        if not await self.ended(self.patience) and self.popen:
            self.popen.kill()
            await self.ended(self.patience)

    async def ended(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < deadline:
            await asyncio.sleep(PAUSE)
        return not self.is_alive

    def tail(self, size: int = 4000) -> str:
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - size))
            return file.read().decode(errors="replace")

    def trouble(self) -> Trouble:
        """The sentence for a program that ended although it should run."""
        tail = self.tail()
        library = re.search(r"error while loading shared libraries: (\S+):", tail)
        if library:
            return Trouble(missing_library(library[1]))
        if "No space left on device" in tail or "disk is full" in tail:
            return Trouble(f"На диске нет места ({self.log.parent.parent}): освободите место и запустите снова.")
        return Trouble(f"Не запускается {self.name} (код {self.code}), причина в {self.log}: {last_words(tail)}")


def missing_library(name: str) -> str:
    stem = name.split(".so")[0]
    return (
        f"Не хватает системной библиотеки {name}: установите её пакетом системы "
        f"(на Debian имя пакета подскажет: apt-get install apt-file && apt-file update && apt-file search {stem})."
    )


def last_words(tail: str) -> str:
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "журнал пуст"
