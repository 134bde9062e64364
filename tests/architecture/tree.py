"""The repository as the guards read it: its files, and what stands in them."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LAYERS = ("schemas", "store", "telephony", "activities", "workflows", "services", "api", "ui", "worker", "config")
MIGRATIONS = "store/migrations/"
BUILT = {"__pycache__", "static", "node_modules"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[str]:
    """Return the files of the repository below the folders (all without any)."""
    return sorted(name for name in listed() if not folders or name.startswith(tuple(f"{one}/" for one in folders)))


@cache
def listed() -> tuple[str, ...]:
    """Return what git tracks; a copy without git is walked instead."""
    if shutil.which("git") and (ROOT / ".git").exists():
        # Another user's clone (a container's root, say) is still this repository.
        argv = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
        names = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    else:
        below = (path for top in (*LAYERS, "tests", "bench", "docs") for path in (ROOT / top).rglob("*"))
        names = [str(path.relative_to(ROOT)) for path in (*ROOT.glob("*"), *below) if not BUILT & {*path.parts}]
    return tuple(name for name in names if name and (ROOT / name).is_file())


def modules(*folders: str) -> list[str]:
    """Return our Python files but those of Alembic: revisions are written once and never changed."""
    return [
        name
        for name in files(*(folders or (*LAYERS, "tests", "bench")))
        if name.endswith(".py") and MIGRATIONS not in name
    ]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def functions(source: str) -> Iterator[Function]:
    """Yield every function, inner ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Return a function's lines from its `def` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1
