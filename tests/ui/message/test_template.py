"""«Шаблоны сообщений»: what an administrator may write, in which order, and against whom it is guarded."""

import re

import pytest
from httpx import AsyncClient, Response

from schemas.errors import Invalid
from services.message_fill import filled, wrong_in
from services.message_template import first_names
from tests.doors import Doors
from tests.people import People
from tests.ui.screen import value, words

URL = "/message-templates"
TYPED = {"name": "Приём", "channel": "sms", "text": "{{ имя }}, ждём вас {{ дата }}."}


@pytest.mark.parametrize(
    "text",
    [
        "{{ паспорт }}",
        "{{ имя",
        "{{ имя.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{% for x in имя %}{{ x }}{% endfor %}",
        "{{ имя * 1000000000 }}",
        "{{ имя|center(1000000000) }}",
        "{{ имя.upper() }}",
        "{% include 'x' %}",
        "{% set имя = 1 %}",
        "{{ range(9) }}",
        "{{ self }}",
    ],
)
def test_a_text_that_could_do_more_than_name_fields_is_refused(text: str) -> None:
    assert wrong_in(text)
    with pytest.raises(Invalid):
        filled(text, {"имя": "Анна"})


def test_a_text_is_filled_with_fields_as_they_are() -> None:
    text = "{% if имя %}{{ имя|upper }}{% else %}Здравствуйте{% endif %}: {{ центр or '—' }}"
    assert filled(text, {"имя": "{{ 7*7 }} <b>", "центр": "Центр"}) == "{{ 7*7 }} <B>: Центр"
    with pytest.raises(Invalid) as refused:
        filled("{{ очередь }}", {"очередь": "", "имя": "Анна"})
    assert "«очередь»" in refused.value.fields["template"]


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("Белова Анна Сергеевна", "Анна Сергеевна"),
        ("Анна Сергеевна Белова", "Анна Сергеевна"),
        ("Ильич Пётр Ильич", "Пётр Ильич"),
        ("Алиев Вагиф Мамед оглы", "Алиев Вагиф Мамед оглы"),
        ("Ли Мей", "Ли Мей"),
        ("Ильич", "Ильич"),
    ],
)
def test_a_person_is_spoken_to_by_name_and_patronymic(name: str, spoken: str) -> None:
    assert first_names(name) == spoken


def names(answer: Response) -> list[str]:
    return re.findall(r"<strong hx-ignore>([^<]+)</strong>", answer.text)


async def add(admin: AsyncClient, *added: str) -> Response:
    for name in added:
        assert (await admin.post(URL, data=TYPED | {"name": name})).status_code == 204
    return await admin.get(URL)


def one(answer: Response, name: str) -> str:
    found = re.search(rf'<li id="template-([^"]+)"><span[^>]*>(?:<strong[^>]*>)?{name}<', answer.text)
    assert found is not None
    return f"{URL}/{found[1]}"


async def test_templates_are_ordered_archived_and_returned(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    page = await add(admin, "Первый", "Второй", "Третий")
    moved = await admin.put(f"{one(page, 'Третий')}/position", data={"position": 0})
    assert names(moved) == ["Третий", "Первый", "Второй"]
    archived = await admin.put(f"{one(page, 'Третий')}/archive")
    assert (names(archived), "В архиве" in words(archived)) == (["Первый", "Второй"], True)
    assert names(await admin.delete(f"{one(page, 'Третий')}/archive")) == ["Первый", "Второй", "Третий"]


async def test_a_wrong_template_is_refused_with_what_was_typed(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    await add(admin, "Приём")
    for typed, said in (
        ({"name": "приём"}, "Такой шаблон уже есть."),
        ({"name": "Б", "text": "{{ паспорт }}"}, "неизвестное поле «паспорт»"),
        ({"name": "Б", "text": "{{ имя"}, "строка 1"),
        ({"name": "Б", "text": "я" * 701}, "длиннее"),
        ({"name": "Б", "channel": "email", "subject": "{% x %}"}, "строка 1"),
    ):
        refused = await admin.post(URL, data=TYPED | typed)
        assert (refused.status_code, said in words(refused)) == (422, True), said
        assert value(refused, "name") == typed["name"]


async def test_two_who_edit_one_template_lose_nothing(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    url = one(await add(admin, "Приём"), "Приём")
    version = value(await admin.get(url), "version")
    assert (await admin.put(url, data=TYPED | {"text": "Первый", "version": version})).status_code == 204
    late = await admin.put(url, data=TYPED | {"text": "Второй", "version": version})
    assert (late.status_code, "изменил другой сотрудник" in words(late), "Второй" in late.text) == (412, True, True)
    assert "Первый" in (await admin.get(url)).text


async def test_the_preview_shows_a_sample_card_or_what_is_wrong(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    shown = words(await admin.post(f"{URL}/preview", data=TYPED))
    assert ("Анна Сергеевна, ждём вас" in shown, "1 SMS" in shown) == (True, True)
    wrong = words(await admin.post(f"{URL}/preview", data=TYPED | {"text": "{{ паспорт }}"}))
    assert "неизвестное поле «паспорт»" in wrong
    olga = await doors.browser(fresh_people.olga)
    assert [(await olga.get(URL)).status_code, (await olga.post(URL, data=TYPED)).status_code] == [403, 403]
