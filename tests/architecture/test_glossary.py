"""One word on the screen for one word of the code: the glossary and the tables of words say the same."""

import re
from collections.abc import Mapping

import pytest

from schemas.call import STAGE_WORDS
from schemas.desk import STATUS_WORDS
from schemas.job import JOB_WORDS
from schemas.journal import CHANNEL_WORDS, RESULT_WORDS
from schemas.staff import ROLE_WORDS
from schemas.subscriber import TYPE_WORDS
from schemas.timeline import EVENT_WORDS
from tests.architecture.tree import read

TABLES: dict[str, Mapping[str, str]] = {
    "Roles": ROLE_WORDS,
    "States of a desk": STATUS_WORDS,
    "Stages of a call": STAGE_WORDS,
    "Channel types («тип канала»)": CHANNEL_WORDS,
    "Results of a call («результат»)": RESULT_WORDS,
    "Types of subscribers": TYPE_WORDS,
    "Lines of the timeline": EVENT_WORDS,
    "States of a job": JOB_WORDS,
}
TERMS = ("Дашборд", "ИП", "КЦ", "МФЦ", "ФЛ", "ЮЛ", "E-mail", "SMS")


def section(text: str, title: str) -> dict[str, str]:
    """Return the first two columns of a section's table, without the heading."""
    body = text.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `?([^|`]+?)`? \| ([^|]+?) \|", body, re.MULTILINE)
    return {code: word for code, word in rows if code not in ("Code", "Term", "---")}


@pytest.mark.parametrize("title", TABLES)
def test_the_glossary_has_the_words_of_the_screen(title: str) -> None:
    assert section(read("docs/glossary.md"), title) == {str(code): word for code, word in TABLES[title].items()}


def test_the_terms_of_the_manual_are_there() -> None:
    assert set(section(read("docs/glossary.md"), "Таблица 1: terms of the manual")) == set(TERMS)


def test_another_word_is_noticed() -> None:
    page = "## Roles\n\n| Code | On the screen |\n|---|---|\n| `operator` | Агент |\n\n## Next\n"
    assert section(page, "Roles") != {"operator": ROLE_WORDS["operator"]}  # type: ignore[index]
