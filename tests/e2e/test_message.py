"""An SMS from the card: delivered without a reload, in post-processing too, and not after the service."""

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.screens import Window
from tests.e2e.test_first_call import log_in
from tests.e2e.whole import Operator, Whole
from tests.messages import SMS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
TEXT = "Анна Сергеевна, ждём вас завтра в 10:30. Возьмите паспорт и СНИЛС, окно №4."


async def talk(olga: Window, anna: Window) -> None:
    """Анна phones in, Ольга answers."""
    await expect(olga.page.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    await olga.page.keyboard.press("Alt+Digit1")
    await anna.page.get_by_label("Ваш номер телефона").fill("8 916 123-45-67")
    await anna.page.get_by_role("button", name="Позвонить").click()
    await expect(olga.page.get_by_role("button", name="ПРИНЯТЬ")).to_be_visible(timeout=15000)
    await olga.page.wait_for_timeout(400)
    await olga.page.keyboard.press("F2")
    await expect(olga.page).to_have_url(re.compile(r"/calls/"), timeout=15000)
    await expect(olga.page.get_by_role("button", name="Завершить обслуживание")).to_be_visible()


def button(olga: Window) -> Locator:
    return olga.page.get_by_role("button", name=re.compile("Отправить SMS на")).first


async def send(olga: Window, text: str) -> None:
    """Type an SMS in its window and send it."""
    await button(olga).click()
    window = olga.page.get_by_role("dialog", name="Отправка SMS")
    await expect(window.get_by_role("button", name="Отправить")).to_be_disabled()
    await window.get_by_label("Текст сообщения").fill(text)
    await expect(window.locator("[data-count]")).to_contain_text(f"{len(text)} символов · 2 SMS")
    await expect(window.get_by_role("button", name="Отправить")).to_be_enabled()
    await olga.page.keyboard.press("Control+Enter")
    await expect(window).to_be_hidden()


async def finish(olga: Window) -> None:
    await olga.page.locator("#main").get_by_role("button", name="Завершить обслуживание").click()
    dialog = olga.page.get_by_role("dialog", name="Завершение обслуживания")
    await dialog.locator(".ts-control").click()
    await dialog.get_by_role("option", name="Жалоба").click()
    await dialog.get_by_role("button", name="Готово").click()
    await dialog.get_by_role("button", name="Завершить обслуживание").click()
    await expect(olga.page.locator("#main")).to_contain_text("Обслуживание завершено")


async def delivered(olga: Window, times: int) -> None:
    """The tab says so by itself."""
    states = olga.page.locator(".pult-message-row .pult-badge")
    await expect(states).to_have_text(["Доставлено"] * times, timeout=15000)


async def test_an_sms_is_sent_from_the_card_while_the_call_is_served(browser: Browser, whole: Whole) -> None:
    olga, anna = await log_in(browser, whole), await Window.open(browser, f"{whole.url}/phone")
    await talk(olga, anna)
    await olga.page.get_by_role("tab", name="Отправленные SMS/E-mail").click()
    await send(olga, TEXT)
    await delivered(olga, 1)
    await anna.page.get_by_role("button", name="Завершить звонок").click()
    await expect(olga.page.locator("#main")).to_contain_text("Постобработка. Завершите обслуживание")
    await send(olga, TEXT.upper())
    await delivered(olga, 2)
    call = olga.page.url.rsplit("/", 1)[1]
    await finish(olga)
    await expect(button(olga)).to_be_hidden()
    refused = Operator(whole).ask("POST", f"/calls/{call}/messages", json=SMS)
    assert (refused.status_code, olga.faults) == (409, [])
