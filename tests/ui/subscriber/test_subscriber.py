"""Who phones: unknown, one of several, not confirmed, changed by two at once."""

from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from schemas.call import CallStage
from schemas.staff import Role
from store import call_read
from store.call import Call
from store.subscriber import Subscriber
from tests.calls import Calls
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER
from tests.ui.screen import ids, value, words

NEW = {"full_name": "  Зоя Ким ", "type": "person", "mobile_phone": "8 (916) 123-45-67", "birth_date": "1980-02-29"}


class Talk:
    """Ольга talks with somebody, her page open."""

    def __init__(self, doors: Doors, calls: Calls) -> None:
        self.doors, self.calls = doors, calls

    async def begin(self, *subscribers: Subscriber, confirmed: bool = True, **fields: object) -> AsyncClient:
        session = self.calls.session
        session.add_all(subscribers)
        await session.flush()
        linked = subscribers[0].id if len(subscribers) == 1 else None
        values = {"talk_ended_at": None, "ended_at": None, "confirmed": confirmed, "subscriber_id": linked}
        self.call: Call = await self.calls.call(stage=CallStage.TALKING, employee="olga", **values | fields)
        await self.calls.serving(self.call, "olga", self.call.answered_at)
        await session.commit()
        self.url = f"/calls/{self.call.id}"
        return await self.doors.browser(self.calls.people.olga)

    async def events(self) -> list[str]:
        async with self.doors.app.state.database.transaction() as session:
            return [line["kind"] for line in await call_read.list_events(session, self.call.id)]


@pytest.fixture
def talk(doors: Doors, calls: Calls) -> Talk:
    return Talk(doors, calls)


def anna(name: str = ANNA) -> Subscriber:
    return Subscriber(full_name=name, mobile_phone=ANNA_NUMBER, passport="45 00 123456")


async def test_an_unknown_number_gives_an_empty_card(talk: Talk) -> None:
    client = await talk.begin()
    card = await client.get(talk.url)
    assert "Неизвестный номер" in words(card)
    assert value(card, "mobile_phone") == "+7 (916) 123-45-67"
    saved = await client.post(f"{talk.url}/subscriber", data=NEW)
    assert saved.status_code == 204
    card = await client.get(talk.url)
    for said in ("Зоя Ким", "29.02.1980", "+7 (916) 123-45-67"):
        assert said in words(card)
    assert await talk.events() == ["subscriber_chosen"]


async def test_a_misspelt_card_is_refused_at_its_fields(talk: Talk) -> None:
    client = await talk.begin()
    wrong = {
        "full_name": " ",
        "mobile_phone": "12",
        "contact_phone": "не знаю",
        "email": "x@",
        "birth_date": "31.02.80",
    }
    refused = await client.post(f"{talk.url}/subscriber", data=wrong)
    assert refused.status_code == 422
    assert value(refused, "contact_phone") == "не знаю"
    assert {"full_name-error", "contact_phone-error", "email-error", "birth_date-error"} <= ids(refused)


async def test_a_day_that_is_none_is_refused(talk: Talk) -> None:
    client = await talk.begin()
    refused = await client.post(f"{talk.url}/subscriber", data=NEW | {"birth_date": "31.02.1980", "type": "robot"})
    assert refused.status_code == 422
    assert {"birth_date-error", "type-error"} <= ids(refused)


async def test_nobody_was_born_tomorrow(talk: Talk) -> None:
    client = await talk.begin()
    for day in ("3000-01-01", "1815-12-10"):
        refused = await client.post(f"{talk.url}/subscriber", data=NEW | {"birth_date": day})
        assert refused.status_code == 422
        assert "Проверьте дату рождения." in words(refused)


async def test_a_shared_number_gives_a_choice(talk: Talk) -> None:
    first, second = anna(), anna("Борис Белов")
    client = await talk.begin(first, second)
    card = words(await client.get(talk.url))
    assert "Номер есть у нескольких абонентов" in card
    assert ANNA in card
    chosen = await client.put(f"{talk.url}/subscriber", data={"subscriber_id": str(second.id)})
    assert chosen.status_code == 204
    assert "Борис Белов ФЛ" in words(await client.get(talk.url))


async def test_nobody_else_can_be_chosen(talk: Talk) -> None:
    client = await talk.begin(anna(), anna("Борис Белов"))
    for other in (str(uuid4()), "", "x"):
        assert (await client.put(f"{talk.url}/subscriber", data={"subscriber_id": other})).status_code == 422


async def test_an_unconfirmed_caller_is_masked_until_confirmed(talk: Talk) -> None:
    client = await talk.begin(anna(), confirmed=False)
    card = await client.get(talk.url)
    assert ANNA not in card.text
    assert "45 00 123456" not in card.text
    assert "Личность подтверждена" in words(card)
    assert (await client.post(f"{talk.url}/confirmation")).status_code == 204
    card = await client.get(talk.url)
    assert ANNA in card.text
    assert "45 00 123456" in card.text
    assert await talk.events() == ["confirmed"]


async def test_opening_a_card_is_recorded(talk: Talk) -> None:
    client = await talk.begin(anna())
    await client.get(talk.url)
    async with talk.doors.app.state.database.transaction() as session:
        found = await session.execute(text("SELECT actor_id FROM audit WHERE thing = 'subscriber' AND verb = 'read'"))
        assert found.scalars().all() == [talk.calls.people.olga.id]


async def test_confirming_a_caller_opens_his_card(talk: Talk) -> None:
    client = await talk.begin(anna(), confirmed=False)
    await client.get(talk.url)
    await client.post(f"{talk.url}/confirmation")
    async with talk.doors.app.state.database.transaction() as session:
        found = await session.execute(text("SELECT details->>'call_id' FROM audit WHERE thing = 'subscriber'"))
        assert found.scalars().all() == [str(talk.call.id)]


async def test_a_change_over_another_change_is_refused(talk: Talk) -> None:
    card = anna()
    client = await talk.begin(card)
    form = await client.get(f"/subscribers/{card.id}/form")
    typed = NEW | {"version": value(form, "version")}
    assert (await client.post(f"/subscribers/{card.id}", data=typed)).status_code == 204
    stale = await client.post(f"/subscribers/{card.id}", data=typed | {"full_name": "Другая"})
    assert stale.status_code == 412
    assert "Карточку уже изменили: Ольга Викторовна Котова" in words(stale)
    assert (value(stale, "full_name"), value(stale, "birth_date")) == ("Другая", "1980-02-29")
    typed = typed | {"version": value(stale, "version"), "full_name": "Другая"}
    assert (await client.post(f"/subscribers/{card.id}", data=typed)).status_code == 204


async def test_a_card_opens_to_who_served_it_and_to_supervisors(talk: Talk) -> None:
    card = anna()
    client = await talk.begin(card)
    page = await client.get(f"/subscribers/{card.id}")
    assert page.status_code == 200
    assert ANNA in words(page)
    people = talk.calls.people
    assert (
        await (await talk.doors.browser(people.vera, Role.SUPERVISOR)).get(f"/subscribers/{card.id}")
    ).status_code == 200
    for employee, status in ((people.pyotr, 404), (people.stranger, 403), (people.admin, 403)):
        browser = await talk.doors.browser(employee)
        assert (await browser.get(f"/subscribers/{card.id}")).status_code == status


async def test_a_colleague_cannot_touch_the_caller(talk: Talk) -> None:
    card = anna()
    await talk.begin(card, confirmed=False)
    pyotr = await talk.doors.browser(talk.calls.people.pyotr)
    assert (await pyotr.post(f"{talk.url}/confirmation")).status_code == 404
    vera = await talk.doors.browser(talk.calls.people.vera, Role.SUPERVISOR)
    assert (await vera.post(f"{talk.url}/confirmation")).status_code == 409
    assert (await vera.post(f"{talk.url}/subscriber", data=NEW)).status_code == 409
    assert await talk.events() == []


async def test_marks_of_other_languages_are_kept_as_they_are(talk: Talk) -> None:
    client = await talk.begin()
    name = "<b hx-get=/x hx-trigger=load>Ёж</b> 🙂 O'Neil"
    assert (await client.post(f"{talk.url}/subscriber", data=NEW | {"full_name": name})).status_code == 204
    card = await client.get(talk.url)
    assert "<b hx-get" not in card.text
    assert "&lt;b hx-get=/x" in card.text
