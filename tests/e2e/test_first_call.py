"""The first call, as a newcomer makes it: two windows, real voice, a reason, a row in the journal."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.screens import Window
from tests.e2e.whole import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
COMMENT = "Подсказала, где получить справку"


async def log_in(browser: Browser, whole: Whole, login: str = "olga") -> Window:
    window = await Window.open(browser, f"{whole.url}/login")
    await window.page.get_by_label("Логин").fill(login)
    await window.page.get_by_label("Пароль").fill(whole.password(login))
    await window.page.get_by_role("button", name="Войти").click()
    return window


async def hears_the_other(window: Window) -> None:
    """Packets come and their energy rises: it is voice, not silence."""
    before = await window.stats()
    for _ in range(60):
        await asyncio.sleep(0.25)
        now = await window.stats()
        if now["received"] > before["received"] + 25 and now["energy"] > before["energy"] + 0.001:
            return
    raise AssertionError(f"{before} → {now}")


async def test_a_citizen_calls_and_an_operator_serves_him(browser: Browser, whole: Whole) -> None:
    olga, anna = await log_in(browser, whole), await Window.open(browser, f"{whole.url}/phone")
    await ring(olga, anna)
    await talk(olga, anna)
    await finish(olga)
    await find_in_the_journal(olga)
    assert (olga.faults, anna.faults) == ([], [])


async def ring(olga: Window, anna: Window) -> None:
    await expect(olga.page.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    await olga.look("home")
    await olga.page.keyboard.press("Alt+Digit1")
    await expect(olga.page.locator("#state-button")).to_contain_text("Входящие")
    await anna.look("phone")
    await olga.page.locator("#main [type=search]").fill("Бел")
    await anna.page.get_by_label("Ваш номер телефона").fill("8 916 123-45-67")
    await anna.page.get_by_role("button", name="Позвонить").click()
    await expect(olga.page.get_by_role("button", name="ПРИНЯТЬ")).to_be_visible(timeout=15000)
    await olga.page.screenshot(path="artefacts/ringing.png")
    await expect(olga.page).to_have_url(re.compile(r"/home$"))  # nothing lies over what is being typed
    await olga.page.locator("#main [type=search]").fill("")


async def talk(olga: Window, anna: Window) -> None:
    await olga.page.wait_for_timeout(400)
    await olga.page.keyboard.press("F2")
    await expect(olga.page).to_have_url(re.compile(r"/calls/"), timeout=15000)
    await asyncio.gather(hears_the_other(olga), hears_the_other(anna))
    await olga.look("talk")
    await anna.look("phone-talk")
    await anna.page.get_by_role("button", name="Завершить звонок").click()
    await expect(olga.page.locator("#main")).to_contain_text("Постобработка. Завершите обслуживание")


async def finish(olga: Window) -> None:
    await olga.look("post-processing")
    await olga.page.locator("#main").get_by_role("button", name="Завершить обслуживание").click()
    dialog = olga.page.get_by_role("dialog", name="Завершение обслуживания")
    await dialog.get_by_role("button", name="Завершить обслуживание").click()
    await expect(dialog.locator("[aria-invalid=true]").first).to_be_attached()
    await olga.look("finish-refused")
    await dialog.locator(".ts-control").click()
    await dialog.get_by_role("option", name="Жалоба").click()
    await dialog.get_by_role("option", name="График работы").click()
    await dialog.get_by_role("button", name="Готово").click()
    await dialog.get_by_label("Комментарии").fill(COMMENT)
    await olga.look("finish")
    await dialog.get_by_role("button", name="Завершить обслуживание").click()
    await expect(olga.page.locator("#main")).to_contain_text("Обслуживание завершено")
    await olga.look("finished")


async def find_in_the_journal(olga: Window) -> None:
    await olga.page.get_by_role("link", name="Журнал").click()
    row = olga.page.get_by_role("row").filter(has_text=COMMENT)
    await expect(row).to_contain_text("+7 (916) 123-45-67")
    await expect(row).to_contain_text("Жалоба")
    await olga.look("journal")
    await row.get_by_role("link").click()
    await expect(olga.page).to_have_url(re.compile(r"/calls/"))


async def test_every_role_has_its_first_screen(browser: Browser, whole: Whole) -> None:
    login = await Window.open(browser, f"{whole.url}/login")
    await login.look("login")
    for name, word in (("admin", "Администратор"), ("guest", "Пользователь базы знаний")):
        window = await log_in(browser, whole, name)
        await expect(window.page.locator("header")).to_contain_text(word)
        await window.look(f"start-{name}")
        assert window.faults == []


async def test_a_supervisor_chooses_the_role_and_sees_all_calls(browser: Browser, whole: Whole) -> None:
    vera = await log_in(browser, whole, "vera")
    await vera.look("choose-role")
    await vera.page.get_by_label("Супервизор").check()
    await vera.page.get_by_role("button", name="Продолжить").click()
    await expect(vera.page).to_have_url(re.compile("/journal"))
    await expect(vera.page.get_by_role("columnheader").filter(has_text="Оператор")).to_be_visible()
    await vera.look("journal-supervisor")
    room = (
        "(({scrollWidth, clientWidth}) => clientWidth - scrollWidth)(document.querySelector('#journal .pult-scroll'))"
    )
    assert await vera.page.evaluate(room) == 0, "nothing is read by scrolling sideways"
    assert vera.faults == []
