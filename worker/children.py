"""Our own processes under `pult up`: started together, started again when they fall."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from worker.place import Place
from worker.process import Process

FIRST_PAUSE, LONGEST_PAUSE, CALM = 0.1, 15.0, 30.0
NAMES = ("web", "worker", "documents", "relay", "providers")


@dataclass
class Kept:
    """A process that has to run: what brings it back, and when it may be tried again."""

    process: Process
    bring_back: Callable[[], None]
    pause: float = FIRST_PAUSE
    due: float | None = None

    def look(self, say: Callable[[str], None]) -> None:
        """Notice a fall, and mend it when its pause is over."""
        if self.process.is_alive:
            return
        now = time.monotonic()
        if self.due is None:
            if now - self.process.started_at > CALM:
                self.pause = FIRST_PAUSE
            self.due = now + self.pause
            say(
                f"{self.process.name} остановился (код {self.process.code}), снова запускаю через {self.pause:g} с; "
                f"подробности: {self.process.log}"
            )
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self.due:
            self.due = None
            self.bring_back()


def child(name: str, place: Place, environment: dict[str, str]) -> Process:
    """`pult <name>` with the addresses of the embedded services."""
    return Process(
        name=name,
        argv=[sys.executable, "-m", "worker.cli", name],
        log=place.path("log", f"{name}.log"),
        lock=place.services_lock,
        environment=os.environ | environment,
        patience=8.0,
    )
