"""Two real browsers on the web line: the citizen's page calls, the operator's panel answers, voice goes both ways."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.line_house import House, dial, go_on_line, hears, is_accessible, talk, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_both_sides_hear_each_other_and_the_operator_hangs_up(house: House) -> None:
    operator, citizen = await talk(house)
    await operator.locator('pult-softphone [data-key="hangup"]').click()
    await expect(citizen.get_by_text("Звонок завершён", exact=True)).to_be_visible()
    await expect(operator.locator("pult-softphone").get_by_text("Завершите обслуживание")).to_be_visible()
    await until(lambda: house.sql("SELECT stage = 'post_processing' FROM call"))
    assert house.complaints == []


async def test_the_citizen_hangs_up_first(house: House) -> None:
    operator, citizen = await talk(house)
    await citizen.get_by_role("button", name="Завершить звонок").click()
    await expect(operator.locator("pult-softphone").get_by_text("Завершите обслуживание")).to_be_visible()
    assert await operator.evaluate("document.querySelector('pult-softphone').stats()") is None


async def test_a_citizen_who_reloads_the_page_is_back_in_the_talk(house: House) -> None:
    operator, citizen = await talk(house)
    citizen.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await citizen.reload()
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking")
    await asyncio.gather(hears(operator), hears(citizen))


async def test_an_operator_who_reloads_the_page_is_back_in_the_talk(house: House) -> None:
    operator, citizen = await talk(house)
    operator.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await operator.goto(house.url)
    await expect(operator.locator("[data-panel]")).to_have_attribute("data-stage", "talking")
    await asyncio.gather(hears(operator), hears(citizen))


async def test_a_talk_outlives_the_web_process_and_can_be_ended_without_it(house: House) -> None:
    operator, citizen = await talk(house)
    await house.stop_web()
    await asyncio.gather(hears(operator), hears(citizen))
    await operator.locator('pult-softphone [data-key="hangup"]').click()
    await expect(operator.get_by_text("Завершаем звонок…")).to_be_visible()
    assert await operator.evaluate("document.querySelector('pult-softphone').stats()") is None
    await house.start_web()
    await expect(citizen.get_by_text("Звонок завершён", exact=True)).to_be_visible(timeout=15000)
    await until(lambda: house.sql("SELECT stage = 'post_processing' FROM call"))


async def test_a_declined_call_waits_and_rings_again(house: House) -> None:
    operator, citizen = await house.operator(), await house.citizen()
    await go_on_line(operator)
    await dial(citizen)
    decline = operator.get_by_role("button", name="Отклонить")
    await expect(decline).to_be_visible(timeout=10000)
    await asyncio.sleep(0.4)
    await decline.click()
    await until(lambda: house.sql("SELECT count(*) > 1 FROM line_leg WHERE side = 'operator'"))
    await expect(operator.get_by_role("button", name="ПРИНЯТЬ")).to_be_visible()


async def test_a_citizen_who_is_gone_does_not_hold_the_operator(house: House) -> None:
    operator, citizen = await talk(house)
    await citizen.context.close()
    post = operator.locator("pult-softphone").get_by_text("Завершите обслуживание")
    await expect(post).to_be_visible(timeout=40000)


async def test_the_second_tab_says_where_the_telephone_is_and_takes_the_call_from_there(house: House) -> None:
    operator, citizen = await house.operator(), await house.citizen()
    await go_on_line(operator)
    second = await operator.context.new_page()
    await second.goto(house.url)
    await expect(second.get_by_text("Телефон в другой вкладке")).to_be_visible()
    await dial(citizen)
    accept = second.get_by_role("button", name="ПРИНЯТЬ")
    await expect(accept).to_be_visible(timeout=10000)
    await asyncio.sleep(0.4)
    await accept.click()
    await expect(second.locator("[data-panel]")).to_have_attribute("data-stage", "talking")
    await hears(operator)


async def test_another_browser_takes_the_telephone_over(house: House) -> None:
    operator = await house.operator()
    await expect(operator.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    other = await house.operator()
    await other.get_by_role("button", name="Взять телефон сюда").click()
    await expect(other.get_by_text("Телефон готов")).to_be_visible()
    await expect(operator.get_by_text("Телефон занят другим браузером.")).to_be_visible(timeout=10000)


async def test_a_talk_goes_on_in_the_browser_that_takes_the_telephone_over(house: House) -> None:
    operator, citizen = await talk(house)
    other = await house.operator()
    await other.get_by_role("button", name="Взять телефон сюда").click()
    await asyncio.gather(hears(other), hears(citizen))
    await expect(operator.get_by_text("Телефон занят другим браузером.")).to_be_visible(timeout=10000)
    assert await operator.evaluate("document.querySelector('pult-softphone').stats()") is None
    await other.locator('pult-softphone [data-key="hangup"]').click()
    await expect(citizen.get_by_text("Звонок завершён", exact=True)).to_be_visible()


async def test_a_wrong_number_is_refused_at_its_field(house: House) -> None:
    citizen = await house.citizen()
    await dial(citizen, "12 34 56")
    await expect(citizen.get_by_text("Введите номер телефона: +7 и десять цифр.")).to_be_visible()
    await expect(citizen.get_by_label("Ваш номер телефона")).to_have_value("12 34 56")


async def test_a_call_does_not_start_without_a_microphone(house: House) -> None:
    citizen = await house.citizen()
    denied = "() => Promise.reject(new DOMException('', 'NotAllowedError'))"
    await citizen.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {denied}; }}")
    await dial(citizen)
    await expect(citizen.get_by_text("Звонить нельзя: нет доступа к микрофону.")).to_be_visible()
    assert await house.sql("SELECT count(*) FROM line_leg") == 0


async def test_both_telephones_are_accessible(house: House) -> None:
    citizen, operator = await house.citizen(), await house.operator()
    await citizen.get_by_text("Проверить звук").first.click()
    await is_accessible(citizen)
    await go_on_line(operator)
    await operator.get_by_role("button", name="Проверить звук и микрофон").click()
    await is_accessible(operator)
    await operator.keyboard.press("Escape")
    await dial(citizen)
    await expect(operator.get_by_role("button", name="ПРИНЯТЬ")).to_be_visible(timeout=10000)
    await asyncio.gather(is_accessible(operator), is_accessible(citizen))
    assert house.complaints == []
