"""What is misspelt in a card, by the type of the subscriber; whose clock a card shows."""

from datetime import date

import pytest

from schemas.subscriber import SubscriberType
from schemas.subscriber_check import kept, trimmed, wrong_in
from schemas.subscriber_region import REGIONS, zone_of
from schemas.subscriber_zone import ZONES

TODAY = date(2026, 3, 10)
COMPANY = {"type": "company", "inn": "7707083893", "ogrn": "1027700132195", "kpp": "770701001"}
TRADER = {"type": "entrepreneur", "inn": "500100732259", "ogrn": "304500116000157", "snils": "112-233-445 95"}


@pytest.mark.parametrize(
    ("card", "wrong"),
    [
        (COMPANY, ""),
        (TRADER, ""),
        ({"type": "person", "inn": "500100732259", "snils": "112 233 445 95"}, ""),
        ({**COMPANY, "inn": "7707083894", "ogrn": "1027700132196", "kpp": "77"}, "inn ogrn kpp"),
        ({**COMPANY, "inn": TRADER["inn"], "ogrn": TRADER["ogrn"]}, "inn ogrn"),
        ({**TRADER, "inn": COMPANY["inn"], "ogrn": COMPANY["ogrn"]}, "inn ogrn"),
        ({**COMPANY, "passport": "45 00", "snils": "112-233-445 95", "birth_date": TODAY}, "passport snils birth_date"),
        ({"type": "person", "ogrn": "1", "kpp": "770701001", "contact_person": "Я"}, "ogrn kpp contact_person"),
        ({"type": "person", "snils": "112-233-445 96", "inn": "5001007322590"}, "snils inn"),
        ({"type": "person", "snils": "1122334459５", "inn": "inn 500100732259"}, "snils inn"),
        ({"type": "person", "region": "Марс", "time_zone": "Europe/Paris"}, "region time_zone"),
        ({"type": "person", "full_name": " ", "email": "x@", "contact_phone": "12"}, "full_name email contact_phone"),
        ({"type": "person", "birth_date": date(2026, 3, 11)}, "birth_date"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_each_field(card: dict[str, object], wrong: str) -> None:
    values = trimmed({"full_name": "Кто-то", **card, "type": SubscriberType(str(card["type"]))})
    assert {*wrong_in(values, TODAY)} == {*wrong.split()}


def test_numbers_are_kept_as_digits() -> None:
    card = kept({"snils": "112-233-445 95", "inn": "5001 0073 2259", "mobile_phone": "8 (916) 123-45-67"})
    assert card == {"snils": "11223344595", "inn": "500100732259", "mobile_phone": "+79161234567"}


def test_every_region_has_a_clock() -> None:
    assert len(REGIONS) == 89
    assert {*REGIONS.values()} == {*ZONES}


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        (("Asia/Omsk", "Москва", None), "Asia/Omsk"),
        ((None, "Камчатский край", "+74951234567"), "Asia/Kamchatka"),
        ((None, None, "+74852490909"), "Europe/Moscow"),
        ((None, None, "+73832223344"), "Asia/Krasnoyarsk"),
        ((None, None, "+79161234567"), None),
        ((None, None, "+77272500000"), None),
        ((None, None, None), None),
    ],
)
def test_a_clock_comes_from_what_is_known(said: tuple[str | None, str | None, str | None], zone: str | None) -> None:
    assert zone_of(*said) == zone
