"""The robots' own log: what each of them did and what was acknowledged, one JSON object a line."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK = range(200, 300)


@dataclass(frozen=True)
class Entry:
    """One thing a robot did (`at`: when the answer came, `begun`: when it began to ask) or noticed."""

    at: float
    robot: str
    does: str
    call: str = ""
    begun: float = 0.0
    status: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def is_acknowledged(self) -> bool:
        return self.status in OK


class Log:
    """What the robots write while they work; written out at once, so that a fall of theirs loses nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self._file = path.open("a")

    def note(self, robot: str, does: str, call: str = "", **more: Any) -> Entry:
        """Note what happened now; `begun` and `status` are fields of their own."""
        now = time.time()
        begun, status = more.pop("begun", now), more.pop("status", 0)
        entry = Entry(now, robot, does, call, begun, status, more)
        self.entries.append(entry)
        print(json.dumps(asdict(entry), ensure_ascii=False), file=self._file, flush=True)
        return entry

    def of(self, *does: str) -> Iterator[Entry]:
        """Yield the entries of these kinds, in the order in which they were written."""
        return (entry for entry in self.entries if entry.does in does)

    def close(self) -> None:
        self._file.close()
