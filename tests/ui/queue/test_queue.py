"""«Очереди»: the list and the form of a queue."""

import re
from typing import Any

from httpx import AsyncClient, Response

from tests.doors import Doors
from tests.people import HOTLINE, People
from tests.ui.screen import value, words

TYPED = {
    "name": "Горячая линия",
    "numbers": HOTLINE,
    "priority": "0",
    "ring_seconds": "20",
    "misses_to_break": "3",
    "choice_seconds": "60",
    "recorded": "1",
    "mode": "days",
    "mon": "8-12, 13–20",
    "sun": "",
}


async def save(admin: AsyncClient, people: People, **typed: Any) -> Response:
    url = f"/queues/{people.queue.id}"
    version = value(await admin.get(url), "version")
    return await admin.put(url, data={"version": version} | TYPED | typed)


async def test_the_list_shows_queues_and_their_hours(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    seen = words(await admin.get("/queues"))
    assert "Горячая линия +7 (495) 123-45-67 круглосуточно 2 0 0 20 открыта" in seen
    await admin.put(f"/queues/{fresh_people.queue.id}/archive")
    assert "Горячая линия" not in words(await admin.get("/queues"))
    assert "в архиве" in words(await admin.get("/queues", params={"state": "archived"}))


async def test_the_form_keeps_what_is_typed_and_saves_it(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    olga = f"member-{fresh_people.olga.id}"
    special = {"special_date": ["2026-12-31", ""], "special_hours": ["9-15", ""]}
    saved = await save(admin, fresh_people, **special, **{olga: "2"}, wait_seconds="300", greeting="{time_of_day}!")
    assert (saved.status_code, value(saved, "version"), value(saved, olga)) == (200, "1", "2")
    assert (value(saved, "mon"), value(saved, "wait_seconds")) == ("08:00–12:00, 13:00–20:00", "300")
    assert (value(saved, "special_date"), value(saved, "special_hours")) == ("2026-12-31", "09:00–15:00")


async def test_each_wrong_field_is_said_beside_it(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    special = {"special_date": ["2026-12-31", "2026-12-31"], "special_hours": ["9-15", "x"]}
    wrong = await save(admin, fresh_people, name="", tue="с утра", ring_seconds="x", **special)
    assert wrong.status_code == 422
    assert {"name-error", "tue-error", "ring_seconds-error"} <= set(re.findall(r'id="([^"]+-error)"', wrong.text))
    assert "Этот день указан дважды." in words(wrong)
    assert (value(wrong, "tue"), value(wrong, "ring_seconds")) == ("с утра", "x")


async def test_a_page_that_is_behind_is_refused(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert (await save(admin, fresh_people)).status_code == 200
    stale = await save(admin, fresh_people, version="0", name="Другая")
    assert (stale.status_code, "Данные изменил другой сотрудник." in words(stale)) == (412, True)
    assert value(stale, "name") == "Другая"


async def test_a_new_queue_opens_its_page(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert "Новая очередь" in words(await admin.get("/queues/new"))
    created = await admin.post("/queues", data=TYPED | {"name": "Выплаты", "numbers": "122"})
    assert value(await admin.get(created.headers["HX-Redirect"]), "name") == "Выплаты"
