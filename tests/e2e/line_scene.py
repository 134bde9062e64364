"""What the tests of hold, hand-over and parking do with the pages of a line house."""

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.line_house import House, stats, until

COLLEAGUE = "Пётр Ильич Ёлкин"


async def go_on_line_by_key(page: Page) -> None:
    await expect(page.get_by_text("Телефон готов")).to_be_visible(timeout=30000)
    await page.keyboard.press("Alt+Digit1")
    await expect(page.locator("#state-button")).to_contain_text("Входящие", timeout=30000)


async def beside(house: House, login: str = "pyotr") -> Page:
    """A colleague comes on line: after the talk began, so that the call is not his."""
    colleague = await house.operator(login)
    await go_on_line_by_key(colleague)
    return colleague


async def open_page(house: House, number: str = "89161234567") -> Page:
    """Somebody leaves the page open under a number."""
    line = house.settings.line.model_copy(update={"trust_typed_numbers": True})
    house.app.state.settings = house.settings.model_copy(update={"line": line})
    page = await house.citizen()
    await page.get_by_label("Ваш номер телефона").fill(number)
    await page.get_by_role("switch", name="Принимать звонки на этот номер").check()
    await expect(page.get_by_text("Ждём звонка на номер")).to_be_visible()
    return page


async def transfer(operator: Page, way: str, to: str = COLLEAGUE) -> None:
    """Ольга hands the call over to a colleague by the keyboard's dialog."""
    dialog = await open_transfer(operator, "Сотрудники")
    await dialog.get_by_label("Поиск сотрудника").fill(to.split()[0])
    await dialog.locator(".pult-target", has_text=to).click()
    await send(dialog, way)


async def open_transfer(operator: Page, kind: str) -> Locator:
    """The dialog with one of its three lists open."""
    await operator.keyboard.press("Alt+KeyT")
    dialog = operator.get_by_role("dialog", name="Перевод вызова")
    await dialog.locator(".pult-segments").get_by_text(kind).click()
    return dialog


async def send(dialog: Locator, way: str = "Перевести сразу") -> None:
    await dialog.get_by_role("button", name=way).click()
    await expect(dialog).not_to_be_visible(timeout=30000)


async def accept(page: Page) -> None:
    button = page.get_by_role("button", name="ПРИНЯТЬ")
    await expect(button).to_be_visible(timeout=40000)
    await asyncio.sleep(0.4)
    await button.click()


async def reload(page: Page) -> None:
    page.once("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.reload()


async def hears_music(citizen: Page) -> None:
    """The page's own output is loud, and what comes from the other side is not played."""

    async def loud() -> bool:
        now = await stats(citizen)
        return bool(now.get("music", 0) > 0.005 and now.get("muted", True))

    await until(loud)


# 503: come again; 409: refused in words; 0: a page that goes away leaves its requests.
ASKED_AGAIN = re.compile(r"Failed to load resource: (the server responded with a status of (503|409)|net::)")


async def press(page: Page, label: str) -> None:
    await page.locator("pult-softphone").get_by_role("button", name=label).click()


def faults(house: House) -> list[str]:
    """What broke in a page; a busy server that asks to come again is none."""
    return [said for said in house.complaints if not ASKED_AGAIN.search(said)]


async def kinds(house: House) -> list[str]:
    """The call's timeline by its kinds."""
    found: list[str] = await house.sql("SELECT array_agg(kind ORDER BY seq) FROM call_event")
    return found
