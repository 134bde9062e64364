"""The card in full: its fields by type, its tabs, two editors, two cards that are one person."""

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import event

from schemas.staff import Role
from store.callback import CallbackWish
from store.subscriber import Subscriber
from tests.calls import Calls, reason
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER
from tests.ui.screen import ids, value, words

OPENING = 9
"""Statements that opening a card costs, however much there is in it: who asks and the frame four, the card five."""
TABS = "Заявления Звонки Отправленные SMS/E-mail Обращения Записи на прием История изменений"


class Card:
    """Ольга has served Анна; Вера looks after the cards."""

    def __init__(self, doors: Doors, calls: Calls) -> None:
        self.doors, self.calls = doors, calls

    async def begin(self) -> None:
        self.anna = await self.card(full_name=ANNA, mobile_phone=ANNA_NUMBER, passport="45 00 123456")
        self.call = await self.calls.served(subscriber_id=self.anna.id, comment="Где справка")
        await reason(self.calls.session, "Справки", self.call)
        await self.calls.session.commit()
        self.url = f"/subscribers/{self.anna.id}"
        self.olga = await self.doors.browser(self.calls.people.olga)
        self.vera = await self.doors.browser(self.calls.people.vera, Role.SUPERVISOR)

    async def card(self, **fields: object) -> Subscriber:
        card = Subscriber(**fields)
        self.calls.session.add(card)
        await self.calls.session.flush()
        return card

    async def form(self, client: AsyncClient) -> dict[str, str]:
        form = await client.get(f"{self.url}/form")
        names = set(re.findall(r'<input[^>]*name="(\w+)"', form.text)) - {"key"}
        return {"type": "person", **{name: value(form, name) for name in names}}


@pytest.fixture
async def card(doors: Doors, calls: Calls) -> Card:
    made = Card(doors, calls)
    await made.begin()
    return made


async def test_the_tabs_stand_in_the_order_of_the_manual_and_come_when_shown(card: Card) -> None:
    shown = await card.olga.get(card.url)
    assert TABS in words(shown)
    assert "Справки" in words(await card.olga.get(f"{card.url}/served-calls"))
    for url in re.findall(r'role="tabpanel"[^>]*hx-get="([^"]+)"', shown.text):
        assert (await card.olga.get(url)).status_code == 200, url
    assert "Изменений ещё не было" in words(await card.olga.get(f"{card.url}/changes"))


async def test_a_form_asks_what_the_type_has_and_forgets_the_rest(card: Card) -> None:
    typed = await card.form(card.olga) | {"type": "company", "full_name": "ООО «Ромашка»", "inn": "7707083893"}
    wrong = await card.olga.post(card.url, data=typed | {"ogrn": "1", "email": "x"})
    assert (wrong.status_code, value(wrong, "email")) == (422, "x")
    assert {"ogrn-error", "email-error"} <= ids(wrong)
    assert (await card.olga.post(card.url, data=typed)).status_code == 204
    shown = words(await card.olga.get(card.url))
    assert "ЮЛ" in shown
    assert "45 00 123456" not in shown
    history = words(await card.vera.get(f"{card.url}/changes"))
    assert "45 00 123456" in history
    assert "45 00 123456" not in words(await card.olga.get(f"{card.url}/changes"))


async def test_whoever_comes_second_sees_the_difference_and_reverts_nothing(card: Card) -> None:
    first, second = await card.form(card.vera), await card.form(card.olga)
    first |= {"email": "anna@mail.ru", "full_name": "Анна Белова"}
    assert (await card.vera.post(card.url, data=first)).status_code == 204
    stale = await card.olga.post(card.url, data=second | {"full_name": "Анна Чёрная", "inn": "500100732259"})
    assert stale.status_code == 412
    assert "Карточку уже изменили: Вера Павловна Лопухова" in words(stale)
    assert "Анна Белова Анна Чёрная" in words(stale)
    assert [value(stale, n) for n in ("email", "full_name", "inn")] == ["anna@mail.ru", "Анна Чёрная", "500100732259"]
    mine = {**second, **{name: value(stale, name) for name in second if name != "type"}}
    assert (await card.olga.post(card.url, data=mine)).status_code == 204
    shown = words(await card.olga.get(card.url))
    assert "Анна Чёрная" in shown
    assert "anna@mail.ru" in shown


async def test_a_merge_is_seen_and_taken_back(card: Card) -> None:
    other = await card.card(full_name="Белова А. С.", mobile_phone=ANNA_NUMBER, email="anna@mail.ru")
    await card.calls.session.commit()
    assert "Белова А. С." in words(await card.vera.get(f"{card.url}/merge"))
    dialog = await card.vera.get(f"{card.url}/merge/{other.id}")
    order = {name: value(dialog, name) for name in ("version", "merged_version")} | {"from-email": "merged"}
    assert (await card.vera.post(f"{card.url}/merge/{other.id}", data=order)).status_code == 204
    moved = await card.vera.get(f"/subscribers/{other.id}")
    assert (moved.status_code, moved.headers["location"]) == (303, card.url)
    history = await card.vera.get(f"{card.url}/changes")
    assert "Карточки объединены" in words(history)
    undo = re.findall(r'hx-delete="([^"]+)"', history.text)
    assert (await card.vera.delete(undo[0])).status_code == 204
    assert (await card.vera.get(f"/subscribers/{other.id}")).status_code == 200
    assert "Объединить карточки" not in words(await card.olga.get(card.url))


async def test_what_is_owed_stands_first_until_somebody_has_talked(card: Card) -> None:
    wish = CallbackWish(id=uuid4(), call_id=card.call.id, number=ANNA_NUMBER, queued_at=card.call.started_at)
    wish.at = card.call.started_at
    card.calls.session.add(wish)
    await card.calls.session.commit()
    assert "Просил перезвонить" in words(await card.olga.get(card.url))
    await card.calls.served(subscriber_id=card.anna.id)
    await card.calls.session.commit()
    assert "Просил перезвонить" not in words(await card.olga.get(card.url))


async def test_opening_costs_the_same_however_much_there_is(card: Card) -> None:
    said: list[str] = []
    engine = card.doors.app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(str(args[2])))
    await card.vera.get(card.url)
    few = len(said)
    for _ in range(60):
        await card.calls.served(subscriber_id=card.anna.id)
    await card.calls.session.commit()
    said.clear()
    await card.vera.get(card.url)
    assert (len(said), few) == (OPENING, OPENING), said
