"""The operator's clock in a real browser: a greeting, a norm, a post-processing that runs out, a break asked for."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.screens import Window
from tests.e2e.test_first_call import log_in
from tests.e2e.whole import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
COMMENT = "Спросила про льготы"
QUEUE = "Единая справочная"


@pytest.fixture
def short(whole: Whole) -> Iterator[None]:
    """The queue has a norm of five seconds and ten for the post-processing, for this test only."""
    login = {"login": "admin", "password": whole.password("admin"), "role": "administrator"}
    token = httpx.post(f"{whole.url}/api/v1/tokens", json=login).json()["token"]
    with httpx.Client(base_url=f"{whole.url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as admin:
        before = save(admin, talk_norm_seconds=5, post_processing_seconds=10)
        yield
        save(admin, **before)


def save(admin: httpx.Client, **settings: Any) -> dict[str, Any]:
    """Change the queue; return what these settings were."""
    found = next(queue for queue in admin.get("/queues").json() if queue["name"] == QUEUE)
    read = admin.get(f"/queues/{found['id']}")
    body = {name: value for name, value in read.json().items() if name not in ("id", "version", "archived_at")}
    etag = {"If-Match": read.headers["etag"]}
    assert admin.put(f"/queues/{found['id']}", json=body | settings, headers=etag).status_code == 200
    return {name: body[name] for name in settings}


async def test_the_clock_of_a_service(browser: Browser, whole: Whole, short: None) -> None:
    olga, anna = await log_in(browser, whole), await Window.open(browser, f"{whole.url}/phone")
    await talk(olga, anna)
    await put_the_greeting_away(olga)
    await ask_for_a_break(olga)
    await anna.page.get_by_role("button", name="Завершить звонок").click()
    await miss_the_end(olga)
    await fill_in(olga)
    assert (olga.faults, anna.faults) == ([], [])


async def talk(olga: Window, anna: Window) -> None:
    await expect(olga.page.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    await olga.page.keyboard.press("Alt+Digit1")
    await expect(olga.page.locator("#state-button")).to_contain_text("Входящие")
    await anna.page.get_by_label("Ваш номер телефона").fill("8 916 123-45-67")
    await anna.page.get_by_role("button", name="Позвонить").click()
    await expect(olga.page.get_by_role("button", name="ПРИНЯТЬ")).to_be_visible(timeout=15000)
    await expect(olga.page).to_have_url(re.compile(r"/calls/"), timeout=15000)  # the card opens with the ring
    await olga.page.wait_for_timeout(400)
    await olga.page.keyboard.press("F2")
    await expect(olga.page.locator(".pult-greeting")).to_be_visible(timeout=30000)


async def put_the_greeting_away(olga: Window) -> None:
    greeting = olga.page.locator(".pult-greeting")
    await expect(greeting).to_contain_text("меня зовут Ольга Петровна")
    await expect(olga.page.locator("#main")).to_contain_text("Разговор дольше нормы (00:05)", timeout=10000)
    await olga.look("talk-past-the-norm")
    await greeting.get_by_role("button", name="Скрыть").click()
    await olga.page.reload()
    await expect(olga.page.locator("#finish-service")).to_be_visible(timeout=15000)
    await expect(greeting).to_be_hidden()


async def ask_for_a_break(olga: Window) -> None:
    asked = olga.page.locator("#state-next")
    await olga.page.keyboard.press("Alt+KeyB")
    await expect(asked).to_contain_text("После вызова: Перерыв", timeout=15000)
    await olga.page.keyboard.press("Alt+KeyB")
    await expect(asked).to_contain_text("Перерыв после вызова", timeout=15000)
    await olga.page.locator("#state-button").click()
    await olga.page.get_by_role("menuitemradio", name="Обед").click()
    await expect(asked).to_contain_text("После вызова: Перерыв: Обед", timeout=15000)


async def miss_the_end(olga: Window) -> None:
    await expect(olga.page.locator("#main")).to_contain_text("Постобработка. Завершите", timeout=15000)
    await olga.page.locator("#finish-service").click()
    dialog = olga.page.get_by_role("dialog", name="Завершение обслуживания")
    await dialog.locator("#completion-comment").fill(COMMENT)
    await expect(dialog).to_contain_text("Осталось меньше 15 секунд")
    await expect(dialog).to_contain_text("Время постобработки вышло. Набранное сохранено", timeout=15000)
    await expect(olga.page.locator("#state-button")).to_contain_text("Перерыв: Обед", timeout=15000)


async def fill_in(olga: Window) -> None:
    """The open form is still good: it fills in what was closed."""
    dialog = olga.page.get_by_role("dialog", name="Завершение обслуживания")
    await dialog.locator(".ts-control").click()
    await dialog.get_by_role("option", name="Жалоба").click()
    await dialog.get_by_role("button", name="Готово").click()
    await olga.page.keyboard.press("Control+Enter")
    await expect(olga.page.get_by_role("dialog")).to_have_count(0, timeout=15000)
    await expect(olga.page.locator("#main")).to_contain_text(COMMENT, timeout=15000)
    await expect(olga.page.locator("#main")).not_to_contain_text("не заполнено", timeout=15000)
