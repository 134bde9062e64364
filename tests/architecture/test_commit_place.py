"""One `.commit(` stands in the repository: transactions begin and end at the edges, by `Database.transaction`."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import LAYERS, modules, read

ENDS = {"commit", "rollback", "begin_nested"}


def transaction_ends(source: str) -> Iterator[str]:
    """Yield the calls that end a transaction by hand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ENDS:
            yield f"{node.func.attr} (line {node.lineno})"


def test_only_the_database_commits() -> None:
    found = {name: list(transaction_ends(read(name))) for name in modules(*LAYERS)}
    assert [name for name, ends in found.items() if ends] == ["store/session.py"]


def test_it_does_so_once() -> None:
    assert len(list(transaction_ends(read("store/session.py")))) == 1


def test_a_second_place_is_noticed() -> None:
    assert list(transaction_ends("async def add(session):\n    await session.commit()")) == ["commit (line 2)"]
