"""«Отправка SMS», «Отправка на эл. почту» and the tab of what was sent."""

import pytest

from schemas.call import CallStage
from schemas.message import MessageChannel
from schemas.staff import Role
from store.call import Call
from store.message import MessageTemplate
from store.subscriber import Subscriber
from tests.calls import SECOND, Calls
from tests.doors import Doors
from tests.messages import EMAIL, LETTER, SMS, card, sent
from tests.people import ANNA_NUMBER
from tests.ui.screen import ids, value, words

HOME_SHOWN, SHOWN = "+7 (495) 765-43-21", "+7 (916) 123-45-67"
SEND_SMS = f"Отправить SMS на {SHOWN}"
EVIL = '<img src=x hx-get="/logout" hx-trigger="load">'


async def served(calls: Calls, anna: Subscriber | None = None, **fields: object) -> Call:
    """A call that Ольга serves."""
    known = {"subscriber_id": anna.id} if anna else {}
    call = await calls.call(CallStage.TALKING, 60, "olga", **{"ended_at": None, **known, **fields})
    await calls.serving(call, "olga", call.answered_at)
    await calls.session.commit()
    return call


async def test_the_card_offers_each_number_and_the_address(doors: Doors, calls: Calls) -> None:
    call = await served(calls, await card(calls.session))
    olga = await doors.browser(calls.people.olga)
    page = await olga.get(f"/calls/{call.id}")
    for said in (f"Отправить SMS на {HOME_SHOWN}", SEND_SMS, f"Отправить письмо на {EMAIL}"):
        assert f'aria-label="{said}"' in page.text
    window = await olga.get(f"/calls/{call.id}/messages/form?channel=sms&field=mobile_phone")
    assert f'value="{ANNA_NUMBER}" selected' in window.text
    for said in ("Отправка SMS", "Номер телефона", "Текст сообщения", "Отправить", HOME_SHOWN):
        assert said in words(window)
    letter = words(await olga.get(f"/calls/{call.id}/messages/form?channel=email&field=email"))
    assert all(said in letter for said in ("Отправка на эл. почту", "Тема письма", "Текст сообщения", EMAIL))


@pytest.mark.parametrize("who", ["finished", "supervisor", "masked", "unknown"])
async def test_the_button_stands_only_where_it_works(doors: Doors, calls: Calls, who: str) -> None:
    fields = {"finished": {"ended_at": calls.at + 99 * SECOND}, "masked": {"confirmed": False}}.get(who, {})
    call = await served(calls, None if who == "unknown" else await card(calls.session), **fields)
    is_vera = who == "supervisor"
    client = await doors.browser(
        calls.people.vera if is_vera else calls.people.olga, Role.SUPERVISOR if is_vera else None
    )
    page = await client.get(f"/calls/{call.id}")
    assert (page.status_code, page.text.count(SEND_SMS) > 0) == (200, who in ("masked", "unknown"))
    assert "Отправить письмо" not in page.text


async def test_without_a_provider_button_and_window_say_so_before_one_types(doors: Doors, calls: Calls) -> None:
    call, olga = await served(calls, await card(calls.session)), await doors.browser(calls.people.olga)
    doors.app.state.channels = frozenset({MessageChannel.EMAIL})
    said = "Отправка SMS не настроена: обратитесь к администратору."
    page = (await olga.get(f"/calls/{call.id}")).text
    assert f'aria-disabled="true" aria-label="{SEND_SMS}. {said}"' in page
    assert ("messages/form?channel=sms" in page, "messages/form?channel=email" in page) == (False, True)
    window = await olga.get(f"/calls/{call.id}/messages/form?channel=sms&field=mobile_phone")
    assert (said in words(window), "data-closed" in window.text, "disabled>" in window.text) == (True, True, True)
    refused = await olga.post(f"/calls/{call.id}/messages", data=SMS)
    assert (refused.status_code, said in words(refused), SMS["text"] in refused.text) == (409, True, True)
    letter = await olga.get(f"/calls/{call.id}/messages/form?channel=email&field=email")
    assert "data-closed" not in letter.text


async def test_a_refusal_keeps_what_was_typed(doors: Doors, calls: Calls) -> None:
    call = await served(calls, await card(calls.session))
    olga = await doors.browser(calls.people.olga)
    typed = SMS | {"text": EVIL + "я" * 700}
    refused = await olga.post(f"/calls/{call.id}/messages", data=typed)
    assert (refused.status_code, "Лишних знаков: " in words(refused)) == (422, True)
    assert (EVIL in refused.text, "&lt;img src=x" in refused.text) == (False, True)
    assert (value(refused, "key"), 'aria-invalid="true"' in refused.text) == (SMS["key"], True)
    empty = await olga.post(f"/calls/{call.id}/messages", data=LETTER | {"text": "", "subject": "Приём"})
    assert (empty.status_code, value(empty, "subject")) == (422, "Приём")


async def test_a_message_is_sent_and_stands_in_the_tab(doors: Doors, calls: Calls) -> None:
    call = await served(calls, await card(calls.session))
    olga = await doors.browser(calls.people.olga)
    done = await olga.post(f"/calls/{call.id}/messages", data=SMS | {"text": f"Первая\r\n{EVIL}"})
    assert done.status_code == 204
    assert all(each in done.headers["HX-Trigger"] for each in ("pult:messages", "pult:message-sent", "close-dialog"))
    tab = await olga.get(f"/calls/{call.id}/messages")
    assert (EVIL in tab.text, "Первая\n&lt;img" in tab.text) == (False, True)
    assert all(said in words(tab) for said in ("SMS", SHOWN, "Отправляется", calls.people.olga.full_name))


async def test_the_tab_shows_what_came_of_each_twenty_a_page(doors: Doors, calls: Calls) -> None:
    call = await calls.served(subscriber_id=(anna := await card(calls.session)).id)
    for nth in range(23):
        await sent(calls.session, subscriber_id=anna.id, text=f"Текст{nth:02}.", why="Выключен", state="failed")
    await calls.session.commit()
    olga, pyotr = await doors.browser(calls.people.olga), await doors.browser(calls.people.pyotr)
    first = await olga.get(theirs := f"/subscribers/{anna.id}/messages")
    assert (first.text.count("<details"), "Не доставлено" in first.text, "Выключен" in first.text) == (20, True, True)
    second = await olga.get(f"/calls/{call.id}/messages?after={value_of(first.text, 'after')}")
    assert (second.text.count("<details"), "Текст02." in second.text) == (3, True)
    assert (await pyotr.get(theirs)).status_code == 404


async def test_a_masked_card_hides_what_was_sent_before(doors: Doors, calls: Calls) -> None:
    anna = await card(calls.session)
    await sent(calls.session, subscriber_id=anna.id, text="Прежнее письмо")
    call = await served(calls, anna, confirmed=False)
    tab = await (await doors.browser(calls.people.olga)).get(f"/calls/{call.id}/messages")
    assert ("Прежнее письмо" in tab.text, "Сообщений пока нет" in words(tab)) == (False, True)


async def test_a_template_fills_the_form_and_never_takes_what_was_typed(doors: Doors, calls: Calls) -> None:
    call = await served(calls, await card(calls.session))
    row = MessageTemplate(channel=MessageChannel.SMS, name="Приём", text="{{ имя }}, ждём вас.")
    calls.session.add(row)
    await calls.session.commit()
    olga, url = await doors.browser(calls.people.olga), f"/calls/{call.id}/messages/form"
    filled = await olga.post(url, data=SMS | {"text": "Здравствуйте!", "template": str(row.id)})
    assert (filled.status_code, "Здравствуйте!\n\nАнна Сергеевна, ждём вас." in filled.text) == (200, True)
    again = SMS | {"text": "Анна Сергеевна, ждём вас.", "filled": "Анна Сергеевна, ждём вас.", "template": str(row.id)}
    assert (await olga.post(url, data=again)).text.count("ждём вас.") == 2  # the text and its mark


async def test_a_template_that_cannot_be_filled_says_why(doors: Doors, calls: Calls) -> None:
    call = await served(calls, await card(calls.session), queue_id=None)
    row = MessageTemplate(channel=MessageChannel.SMS, name="Очередь", text="Ваша очередь {{ очередь }}")
    calls.session.add(row)
    await calls.session.commit()
    olga, typed = await doors.browser(calls.people.olga), SMS | {"text": "Моё", "template": str(row.id)}
    refused = await olga.post(f"/calls/{call.id}/messages/form", data=typed)
    assert (refused.status_code, "нет поля «очередь»" in words(refused), "\nМоё</textarea>" in refused.text) == (
        422,
        True,
        True,
    )


async def test_a_supervisor_reads_them_all(doors: Doors, calls: Calls) -> None:
    anna = await card(calls.session)
    await sent(calls.session, subscriber_id=anna.id, text=f"Первая\n{EVIL}", sender_id=calls.people.olga.id)
    await sent(calls.session, channel="email", address=EMAIL, text="Напоминание", state="unknown")
    await calls.session.commit()
    vera = await doors.browser(calls.people.vera, Role.SUPERVISOR)
    page = await vera.get("/messages")
    assert all(said in words(page) for said in ("Первая", "Напоминание", "Доставлено", "Неизвестно", EMAIL))
    assert (EVIL in page.text, "messages-table" in ids(page)) == (False, False)
    narrowed = words(await vera.get("/messages?state=unknown&channel=email"))
    assert ("Первая" in narrowed, "Напоминание" in narrowed) == (False, True)
    assert (await (await doors.browser(calls.people.olga)).get("/messages")).status_code == 403


def value_of(text: str, name: str) -> str:
    return text.split(f"?{name}=")[-1].split('"')[0]
