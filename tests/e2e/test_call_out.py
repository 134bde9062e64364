"""An operator calls a page left open under a number: both hear each other, or she reads why not."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.line_house import House, hears, is_accessible, until
from tests.e2e.line_scene import open_page

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
NUMBER = "+7 (916) 123-45-67"


async def go_outgoing(page: Page) -> None:
    await expect(page.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    await page.locator("#state-button").click()
    await page.locator('[data-key="outgoing"]').click()
    await expect(page.get_by_label("Номер телефона")).to_be_visible()


async def press(page: Page, digits: str) -> None:
    """The keypad of the dialling window."""
    await page.get_by_role("button", name="Открыть клавиатуру").click()
    for digit in digits:
        await page.get_by_role("button", name=digit, exact=True).click()


async def finish(house: House, page: Page) -> None:
    async def is_over() -> bool:
        return bool(await house.sql("SELECT true FROM call WHERE stage = 'post_processing'"))

    await until(is_over)
    await page.get_by_role("button", name="Завершить обслуживание").first.click()
    dialog = page.get_by_role("dialog", name="Завершение обслуживания")
    await expect(dialog.get_by_label("Продолжить работу")).to_be_checked()
    await dialog.get_by_role("combobox", name="Причина звонка").click()
    await dialog.get_by_role("option").first.click()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_label("Номер телефона")).to_be_visible(timeout=10000)


async def test_an_operator_calls_an_open_page_and_both_hear_each_other(house: House) -> None:
    await house.sql("INSERT INTO reason (name, position) VALUES ('Напоминание', 1) RETURNING id")
    anna, olga = await open_page(house), await house.operator()
    await go_outgoing(olga)
    await press(olga, "89161234567")
    await expect(olga.get_by_label("Номер телефона")).to_have_value(NUMBER)
    await olga.get_by_role("button", name="Позвонить", exact=True).click()
    await anna.get_by_role("button", name="Ответить").click()
    await asyncio.gather(hears(anna), hears(olga))
    await expect(olga).to_have_url(re.compile("/calls/"))
    await anna.get_by_role("button", name="Завершить звонок").click()
    await finish(house, olga)
    await expect(olga.locator("#state-button")).to_contain_text("Исходящие")
    assert await house.sql("SELECT outcome || ' ' || stage FROM call") == "answered finished"


async def test_a_called_page_that_reloads_still_rings_and_goes_on_talking(house: House) -> None:
    anna, olga = await open_page(house), await house.operator()
    await go_outgoing(olga)
    await olga.get_by_label("Номер телефона").fill(NUMBER)
    await olga.keyboard.press("Enter")
    answer = anna.get_by_role("button", name="Ответить")
    await expect(answer).to_be_visible(timeout=10000)
    await anna.reload()
    await answer.click()
    await asyncio.gather(hears(anna), hears(olga))
    await anna.reload()
    await asyncio.gather(hears(anna), hears(olga))


async def test_a_refusal_and_a_number_without_a_page_are_said_in_words(house: House) -> None:
    anna, olga = await open_page(house), await house.operator()
    await house.sql("INSERT INTO reason (name, position) VALUES ('Напоминание', 1) RETURNING id")
    await go_outgoing(olga)
    await olga.get_by_label("Номер телефона").fill(NUMBER)
    await olga.keyboard.press("Enter")
    await anna.get_by_role("button", name="Отклонить").click(timeout=15000)
    await expect(olga.locator("pult-softphone")).to_contain_text("Абонент отклонил вызов", timeout=15000)
    await expect(anna.get_by_role("switch")).to_be_visible()
    await finish(house, olga)
    await expect(olga.get_by_text("Сегодня звонили")).to_be_visible()
    await olga.get_by_label("Номер телефона").fill("8 916 000-00-00")
    await is_accessible(olga)
    await olga.get_by_role("button", name="Позвонить", exact=True).click()
    await expect(olga.locator("pult-softphone")).to_contain_text("Номер недоступен", timeout=15000)


async def call(olga: Page) -> None:
    await olga.get_by_label("Номер телефона").fill(NUMBER)
    await olga.keyboard.press("Enter")


async def cancel(olga: Page) -> None:
    button = olga.get_by_role("button", name="Отменить вызов")
    await expect(button).to_be_visible(timeout=15000)
    await asyncio.sleep(0.5)  # a button that has just appeared under the pointer is not meant yet
    await button.click()


async def test_a_call_that_no_worker_has_dialled_is_cancelled_by_one_press(house: House) -> None:
    await house.sql("INSERT INTO reason (name, position) VALUES ('Напоминание', 1) RETURNING id")
    _, olga = await open_page(house), await house.operator()
    await go_outgoing(olga)
    await house.stop_worker()
    await call(olga)
    await expect(olga.get_by_text("Вызов начнётся сам")).to_be_visible(timeout=15000)
    await cancel(olga)
    await expect(olga.locator("pult-softphone")).to_contain_text("Вызов отменён оператором", timeout=5000)
    await house.start_worker()
    await finish(house, olga)
    assert await house.sql("SELECT outcome || ' ' || stage FROM call") == "cancelled finished"
    assert await house.sql("SELECT count(page_id) FROM line_leg") == 0, "nobody was rung"


async def test_a_ring_whose_worker_is_gone_is_cancelled_at_once(house: House) -> None:
    anna, olga = await open_page(house), await house.operator()
    await go_outgoing(olga)
    await call(olga)
    await expect(anna.get_by_role("button", name="Ответить")).to_be_visible(timeout=10000)
    await house.stop_worker()
    await cancel(olga)
    await expect(anna.get_by_text("Пропущенный звонок")).to_be_visible(timeout=5000)
    await expect(olga.locator("pult-softphone")).to_contain_text("Вызов отменён оператором", timeout=5000)
    assert await house.sql("SELECT outcome || ' ' || stage FROM call") == "cancelled post_processing"
    await house.start_worker()


async def test_a_cancelling_that_the_server_does_not_hear_goes_on_by_itself_over_a_reload(house: House) -> None:
    olga = await house.operator()
    panel = olga.locator("pult-softphone")
    await go_outgoing(olga)
    await house.stop_worker()
    await olga.route("**/dialling", lambda route: route.abort())
    await call(olga)
    await cancel(olga)
    await expect(panel.get_by_text("нажимать ещё раз не нужно")).to_be_visible(timeout=15000)
    await olga.reload()
    await expect(panel.get_by_text("нажимать ещё раз не нужно")).to_be_visible(timeout=15000)
    await olga.unroute("**/dialling")
    await expect(panel).to_contain_text("Вызов отменён оператором", timeout=15000)
    await house.start_worker()
