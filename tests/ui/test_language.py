"""The English catalogue is complete, and a page speaks the language that its cookie names."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from tests.doors import Doors
from worker import messages

BLANK = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


@pytest.fixture(scope="module")
def english() -> Catalog:
    return messages.read_catalogue("en")


def blanks(text: str) -> set[str]:
    return {found[1] or found[2] for found in BLANK.finditer(text)}


def different_blanks(catalogue: Catalog) -> Iterator[str]:
    """Yield the sentences whose translation would be filled in another way."""
    for message in catalogue:
        source = message.id if isinstance(message.id, str) else message.id[-1]
        if any(blanks(text) != blanks(source) for text in messages.texts_of(message.string)):
            yield source


def test_the_english_catalogue_is_complete() -> None:
    assert messages.missing(messages.updated("en")) == [], "make messages, then translate what it names"


def test_it_has_nothing_that_is_gone(english: Catalog) -> None:
    assert {one.id for one in english} - {one.id for one in messages.updated("en")} == set()


def test_every_blank_is_filled_in_both_languages(english: Catalog) -> None:
    assert list(different_blanks(english)) == []


def test_no_translation_is_left_in_russian(english: Catalog) -> None:
    assert [one.id for one in english if one.id and any(map(messages.is_russian, messages.texts_of(one.string)))] == []


async def test_a_page_speaks_the_language_of_its_cookie(doors: Doors) -> None:
    page = (await (await doors.nobody()).get("/login", headers={"Cookie": "language=en"})).text
    assert 'lang="en"' in page
    assert "Password" in page
    assert "Пароль" not in page


async def test_an_unknown_language_is_russian(doors: Doors) -> None:
    page = (await (await doors.nobody()).get("/login", headers={"Cookie": "language=xx"})).text
    assert "Пароль" in page


def test_an_unmarked_sentence_is_found() -> None:
    source = '"""О чём модуль."""\nSENTENCE = "Новое слово."\nlog("english")\nf"Смесь {x}"'
    assert [text for _, text in messages.python_messages(source)] == ["Новое слово."]


def test_a_missing_translation_is_noticed() -> None:
    catalogue = Catalog("en")
    catalogue.add("Новое слово.")
    assert messages.missing(catalogue) == ["Новое слово."]


def test_a_lost_blank_is_noticed() -> None:
    catalogue = Catalog("en")
    catalogue.add("Ещё {count}.", "More.")
    assert list(different_blanks(catalogue)) == ["Ещё {count}."]
