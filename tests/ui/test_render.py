"""Words and figures as a person reads them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ui.render import Pages, dom_id, duration, is_browser_known, minutes, news, phone

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"


@dataclass
class CallCard:
    id: int


@pytest.mark.parametrize("number", ["+79123456789", "89123456789", "79123456789"])
def test_a_russian_number_has_one_shape(number: str) -> None:
    assert phone(number) == "+7 (912) 345-67-89"


def test_other_numbers_stay_as_they_are() -> None:
    assert phone("+375291234567") == "+375291234567"
    assert phone(None) == ""


def test_durations_show_hours_only_when_there_are_any() -> None:
    assert duration(timedelta(seconds=61)) == "01:01"
    assert duration(3661) == "1:01:01"
    assert minutes(timedelta(seconds=150)) == "2"


def test_moments_are_told_in_the_zone_of_the_centre() -> None:
    pages = Pages(zone=ZoneInfo("Asia/Vladivostok"))
    assert pages.moment(datetime(2026, 1, 31, 20, 5, tzinfo=UTC)) == "01.02.2026 06:05"


def test_an_element_is_named_by_its_word_and_id() -> None:
    assert dom_id(CallCard(42), "row") == "call-42-row"


def test_news_are_ascii_headers() -> None:
    header = news("pult:calls", toast="Готово", close_dialog=True)["HX-Trigger"]
    assert header.isascii()
    assert '"pult:close-dialog"' in header


@pytest.mark.parametrize(
    ("agent", "known"),
    [
        (CHROME.format("140.0.0.0"), True),
        (CHROME.format("138.0.0.0 YaBrowser/25.8.0.0"), True),
        (CHROME.format("90.0.0.0"), False),
        (CHROME.format("140.0.0.0") + " Edg/140.0.0.0", False),
        ("Mozilla/5.0 Gecko/20100101 Firefox/140.0", False),
    ],
)
def test_only_chrome_and_yandex_browser_are_promised(agent: str, known: bool) -> None:
    assert is_browser_known(agent) is known
