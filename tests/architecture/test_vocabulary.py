"""The noun names the file, the verb names the function: a file in a layer is a known word or an allowed support."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import LAYERS, files, modules, read

SUPPORT = {
    "schemas": "base errors page sentences phone snils",
    "store": "base direct page session silence tables idempotency health objects",
    "telephony": "fake mail port provider smpp sms web_line",
    "activities": "",
    "workflows": "options",
    "services": "access front csrf health idempotency process",
    "api": "errors health idempotency metrics openapi ranges session tokens versions",
    "ui": "errors language render security session table",
    "config": "settings logs",
}
"""What every word leans on, layer by layer. A root (worker) is named for what it runs or looks after."""

ROOTS = """bench celery children cli demo deploy doctor document documents launch libraries listener message messages
migrate payload place postgres process provider providers relay revise revision simulate sound stack supervisor temporal
trouble valkey web webhook"""
EMPTY_NAMES = re.compile(r"^(utils?|helpers?|.*manager|.*handler|data|info|process_.*|misc|common)$", re.IGNORECASE)


def words() -> list[str]:
    """Return the code words of the glossary's first table."""
    table = read("docs/glossary.md").split("## ")[1]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def unknown(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the files that are neither a known name nor a part of one (`call_journal` is a part of `call`)."""
    allowed = tuple(known)
    stems = {name: Path(name).stem for name in names}
    return [name for name, stem in stems.items() if stem != "__init__" and not is_of(stem, allowed)]


def is_of(stem: str, allowed: tuple[str, ...]) -> bool:
    return any(stem == word or stem.startswith(f"{word}_") for word in allowed)


def empty_names(source: str) -> Iterator[str]:
    """Yield the functions and classes whose name says nothing."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and EMPTY_NAMES.match(node.name):
            yield node.name


@pytest.mark.parametrize("layer", SUPPORT)
def test_every_file_is_a_known_word(layer: str) -> None:
    known = [*words(), *SUPPORT[layer].split()]
    assert unknown(modules(layer), known) == [], "add the word to docs/glossary.md, or choose one that is there"


def test_every_root_is_known() -> None:
    assert unknown(modules("worker"), ROOTS.split()) == []


def test_templates_lie_by_word() -> None:
    folders = {Path(name).parts[2] for name in files("ui/templates") if len(Path(name).parts) > 3}
    assert folders - {*words(), "_kit"} == set()


def test_no_name_is_empty() -> None:
    assert [f"{name}: {what}" for name in modules(*LAYERS) for what in empty_names(read(name))] == []


def test_a_strange_file_is_noticed() -> None:
    assert unknown(["store/call_journal.py", "store/utils.py", "store/callous.py"], ["call"]) == [
        "store/utils.py",
        "store/callous.py",
    ]


def test_an_empty_name_is_noticed() -> None:
    source = "class CallManager: ...\ndef process_call(): ...\ndef finish_service(): ..."
    assert list(empty_names(source)) == ["CallManager", "process_call"]
