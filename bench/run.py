"""Runs a bench by its name and prints its figures; ends with 1 when a goal is missed."""

import asyncio
from importlib import import_module
from pathlib import Path

NOT_BENCHES = {"__init__", "figures", "histories", "processes", "robots", "run", "whole", "wire"} | {
    f"journal_{part}" for part in ("hand", "load", "questions")
}


def names() -> list[str]:
    return sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_BENCHES)


def run(name: str, as_json: bool, quick: bool) -> int:
    """Measure and print; return the exit status."""
    if name not in names():
        print(f"Нет такого измерения: {name}. Есть: {', '.join(names())}.")
        return 2
    figures = asyncio.run(import_module(f"bench.{name}").measure(quick))
    if figures and not as_json:
        print(figures[0].size)
    for figure in figures:
        print(figure.line(as_json))
    return int(not all(figure.ok for figure in figures))
