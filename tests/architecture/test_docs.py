"""The documents name files and functions that are there."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, files, read

SPAN = re.compile(
    r"`([\w.][\w./-]*/[\w.-]+\.(?:py|html|js|css|json|md|yml|yaml|sh|mjs)|[\w-]+\.(?:md|toml|yml|mjs))(?:: ([\w, ]+))?`"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MADE = ("var/",)


def pages() -> list[str]:
    return [name for name in files() if name.endswith(".md")]


def lost(text: str, folder: str = "") -> Iterator[str]:
    """Yield what a page names and the tree does not have."""
    for name, what in SPAN.findall(text):
        if name.startswith(MADE):
            continue
        if not (ROOT / name).is_file():
            yield name
        else:
            words = set(re.findall(r"\w+", read(name)))
            yield from (f"{name}: {one}" for one in re.findall(r"\w+", what) if one not in words)
    yield from (link for link in LINK.findall(text) if not (ROOT / folder / link).exists())


@pytest.mark.parametrize("page", pages())
def test_what_a_page_names_is_there(page: str) -> None:
    assert list(lost(read(page), page.rpartition("/")[0])) == []


def test_a_lost_name_is_noticed() -> None:
    page = "`store/session.py: transaction`, `store/session.py: rollback_all`, `store/gone.py`, [a](docs/gone.md)"
    assert list(lost(page)) == ["store/session.py: rollback_all", "store/gone.py", "docs/gone.md"]
