"""The catalogues of translations brought up to date: `make messages`.

Russian is the source. A msgid is what templates mark, and any Russian text in the Python of the layers that speak to
people: a sentence cannot be forgotten by leaving out a mark.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from ui.language import CATALOGUES

ROOT = Path(__file__).parent.parent
DOCUMENTS = tuple(f"worker/document_{word}.py" for word in ("journal", "register", "import", "sheet"))
REFUSALS = tuple(f"store/call_{word}.py" for word in ("dial", "transfer", "voice"))
SPEAKING = ("schemas", "services", "workflows", "activities", "api", "ui", *REFUSALS, *DOCUMENTS)
NAMES = ("schemas/subscriber_region.py",)
"""What is a name in every language."""
TEMPLATES = ROOT / "ui" / "templates"
LANGUAGES = ("en",)
JINJA = {"trimmed": "true", "newstyle_gettext": "true"}
HEADER = "# Translations of Пульт. `make messages` brings this file up to date; the source language is Russian."
STILL = datetime(2026, 1, 1, tzinfo=UTC)
Message = tuple[str, int, str | tuple[str, ...]]


def messages() -> Iterator[Message]:
    """Yield (file, line, msgid) of all that people may read; a msgid with a plural is a pair."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield from template_messages(path)
    for place in SPEAKING:
        for path in sorted((ROOT / place).rglob("*.py")) or [ROOT / place]:
            name = str(path.relative_to(ROOT))
            for line, text in python_messages(path.read_text()) if name not in NAMES else ():
                yield name, line, text


def template_messages(path: Path) -> Iterator[Message]:
    """Yield what a template marks."""
    with path.open("rb") as source:
        for line, found, _comments, _context in extract("jinja2", source, options=JINJA):
            yield str(path.relative_to(ROOT)), line, tuple(found) if isinstance(found, tuple | list) else found


def python_messages(source: str) -> Iterator[tuple[int, str]]:
    """Yield the Russian texts of a module but its docstrings."""
    tree = ast.parse(source)
    mute = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    mute |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in mute and is_russian(node.value):
            yield node.lineno, node.value


def is_russian(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and any("а" <= sign.lower() <= "я" or sign in "ёЁ" for sign in text)


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "pult.po"


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue as it is kept, an empty one for a new language."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def updated(language: str) -> Catalog:
    """Return the catalogue with what is new left empty and what is gone dropped.

    Places are files without lines and the dates stand still, so that a run without news changes nothing.
    """
    known = read_catalogue(language)
    fresh = Catalog(language, project="Pult", version="1", header_comment=HEADER, fuzzy=False)
    fresh.msgid_bugs_address = fresh.last_translator = fresh.language_team = "Pult"
    fresh.creation_date = fresh.revision_date = STILL
    for name, _line, msgid in messages():
        message = fresh.add(msgid, locations=[(name, 0)])
        old = known.get(message.id)
        message.string = old.string if old else message.string
    return fresh


def missing(catalogue: Catalog) -> list[str]:
    """Return the msgids that have no translation."""
    empty = [message for message in catalogue if message.id and not all(texts_of(message.string))]
    return [message.id if isinstance(message.id, str) else message.id[0] for message in empty]


def texts_of(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


def main() -> None:
    for language in LANGUAGES:
        catalogue = updated(language)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            write_po(target, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
        untranslated = missing(catalogue)
        print(f"{language}: {len(catalogue)} строк, без перевода {len(untranslated)}")
        for sentence in untranslated:
            print(f"  {sentence}")
        if untranslated:
            sys.exit(1)


if __name__ == "__main__":
    main()
