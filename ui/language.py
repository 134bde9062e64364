"""The language of one request: Russian is the source, other catalogues translate it."""

from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE = "ru"
CATALOGUES = Path(__file__).parent / "locale"
language: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def catalogue(name: str) -> NullTranslations:
    """Reads the .po itself, so that no compiled file can be stale or missing."""
    path = CATALOGUES / name / "LC_MESSAGES" / "pult.po"
    if name == SOURCE or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return Translations(compiled)


def languages() -> list[str]:
    return [SOURCE, *sorted(path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/pult.po"))]


def choose_language(wanted: str | None) -> str:
    return wanted if wanted in languages() else SOURCE


def gettext(sentence: str) -> str:
    return catalogue(language.get()).gettext(sentence)


def ngettext(one: str, many: str, number: int) -> str:
    return catalogue(language.get()).ngettext(one, many, number)
