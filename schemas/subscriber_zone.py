"""Subscriber: the clocks of Russia. Eleven offsets, no summer time."""

ZONES = {
    "Europe/Kaliningrad": "Калининград, UTC+2",
    "Europe/Moscow": "Москва, UTC+3",
    "Europe/Samara": "Самара, UTC+4",
    "Asia/Yekaterinburg": "Екатеринбург, UTC+5",
    "Asia/Omsk": "Омск, UTC+6",
    "Asia/Krasnoyarsk": "Красноярск, UTC+7",
    "Asia/Irkutsk": "Иркутск, UTC+8",
    "Asia/Yakutsk": "Якутск, UTC+9",
    "Asia/Vladivostok": "Владивосток, UTC+10",
    "Asia/Magadan": "Магадан, UTC+11",
    "Asia/Kamchatka": "Камчатка, UTC+12",
}
"""One zone for each offset: Russians say «МСК+2», and that is all a card needs."""
