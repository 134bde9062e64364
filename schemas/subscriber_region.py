"""Subscriber: regions of Russia and their clocks. Names of places stay as they are in every language."""

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from schemas.subscriber_zone import ZONES

_SAME_CLOCK = {
    "Europe/Bucharest": "Europe/Kaliningrad",
    "Asia/Novosibirsk": "Asia/Krasnoyarsk",
    "Asia/Sakhalin": "Asia/Magadan",
    "Asia/Anadyr": "Asia/Kamchatka",
}
"""What the table of telephone codes says, by our name for that offset."""

_BY_ZONE = {
    "Europe/Kaliningrad": "Калининградская область",
    "Europe/Moscow": """Белгородская область, Брянская область, Владимирская область, Волгоградская область,
        Вологодская область, Воронежская область, Донецкая Народная Республика, Запорожская область,
        Ивановская область, Кабардино-Балкарская Республика, Калужская область, Карачаево-Черкесская Республика,
        Кировская область, Костромская область, Краснодарский край, Курская область, Ленинградская область,
        Липецкая область, Луганская Народная Республика, Москва, Московская область, Мурманская область,
        Ненецкий автономный округ, Нижегородская область, Новгородская область, Орловская область,
        Пензенская область, Псковская область, Республика Адыгея, Республика Дагестан, Республика Ингушетия,
        Республика Калмыкия, Республика Карелия, Республика Коми, Республика Крым, Республика Марий Эл,
        Республика Мордовия, Республика Северная Осетия — Алания, Республика Татарстан, Ростовская область,
        Рязанская область, Санкт-Петербург, Севастополь, Смоленская область, Ставропольский край,
        Тамбовская область, Тверская область, Тульская область, Херсонская область, Чеченская Республика,
        Чувашская Республика, Ярославская область, Архангельская область""",
    "Europe/Samara": "Астраханская область, Самарская область, Саратовская область, Удмуртская Республика, "
    "Ульяновская область",
    "Asia/Yekaterinburg": """Курганская область, Оренбургская область, Пермский край, Республика Башкортостан,
        Свердловская область, Тюменская область, Ханты-Мансийский автономный округ — Югра, Челябинская область,
        Ямало-Ненецкий автономный округ""",
    "Asia/Omsk": "Омская область",
    "Asia/Krasnoyarsk": """Алтайский край, Кемеровская область — Кузбасс, Красноярский край, Новосибирская область,
        Республика Алтай, Республика Тыва, Республика Хакасия, Томская область""",
    "Asia/Irkutsk": "Иркутская область, Республика Бурятия",
    "Asia/Yakutsk": "Амурская область, Забайкальский край, Республика Саха (Якутия)",
    "Asia/Vladivostok": "Еврейская автономная область, Приморский край, Хабаровский край",
    "Asia/Magadan": "Магаданская область, Сахалинская область",
    "Asia/Kamchatka": "Камчатский край, Чукотский автономный округ",
}
REGIONS = {" ".join(name.split()): zone for zone, names in _BY_ZONE.items() for name in names.split(",")}
"""{region: the zone in which most of its people live}."""


def zone_of(time_zone: str | None, region: str | None, phone: str | None) -> str | None:
    """Return the subscriber's zone: the one that was said, else the region's, else that of a wired telephone."""
    if time_zone or region:
        return time_zone or REGIONS.get(region or "")
    return zone_of_number(phone) if phone else None


def zone_of_number(number: str) -> str | None:
    """Return the zone of a wired Russian number; a mobile one says nothing about where its owner is."""
    if not number.startswith("+7") or number[2:3] in ("9", "8", "6", "7", ""):
        return None
    zones = time_zones_for_number(phonenumbers.parse(number))
    zone = _SAME_CLOCK.get(zones[0], zones[0])
    return zone if len(zones) == 1 and zone in ZONES else None
