"""What the processes of a Пульт use: CPU and memory, read from /proc."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
OURS = ("web", "worker", "relay", "documents")
SERVICES = {"postgres": "postgres", "valkey-server": "valkey", "temporal": "temporal"}


@dataclass
class Usage:
    """Seconds of CPU since the start, and the memory that is the process's own (its share of what is shared)."""

    seconds: float = 0.0
    megabytes: float = 0.0


def usage_below(root: int, with_memory: bool = False) -> dict[str, Usage]:
    """Return the usage of each kind of process below `root`."""
    used: dict[str, Usage] = defaultdict(Usage)
    for pid in _below(root):
        try:
            name = _name(pid)
            used[name].seconds += _seconds(pid)
            used[name].megabytes += _megabytes(pid) if with_memory else 0.0
        except OSError:  # it has just ended
            continue
    return used


def _below(root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            children[int(_stat(int(folder.name))[1])].append(int(folder.name))
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def _name(pid: int) -> str:
    argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace(":", "\0").split("\0")
    program = Path(argv[0].split(" ")[0]).name  # PostgreSQL and Valkey write what they do beside their name
    if program in SERVICES:
        return SERVICES[program]
    return next((word for word in argv if word in OURS), "supervisor")


def _seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def _stat(pid: int) -> list[str]:
    """The fields after the program's name, which may hold spaces: the state is the first."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
