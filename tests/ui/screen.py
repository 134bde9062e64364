"""What a person sees of an answer: its visible words, and its elements by id."""

import html
import re

from httpx import Response

from tests.people import ANNA_NUMBER

SHOWN_NUMBER = "+7 (916) 123-45-67"
assert ANNA_NUMBER == "+79161234567"


def words(answer: Response) -> str:
    """Return the visible text in one line."""
    return " ".join(html.unescape(re.sub(r"<(svg|style|script|template).*?</\1>|<[^>]+>", " ", answer.text)).split())


def ids(answer: Response) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', answer.text))


def value(answer: Response, name: str) -> str:
    """Return what stands in a field of a form."""
    found = re.search(rf'name="{name}"[^>]*?\bvalue="([^"]*)"', answer.text)
    return html.unescape(found[1]) if found else ""


def rows(answer: Response) -> int:
    """Return how many calls a table shows."""
    return len(re.findall(r'<tr id="(?:call|past)-', answer.text))
