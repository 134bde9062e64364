"""A house on the web line for tests with real browsers: web process, worker and relay, and the pages of its people."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from config.settings import Settings
from schemas.staff import Role
from services import staff
from services.staff import BROWSER, Visit
from store.session import Database
from telephony.web_line import Silence, WebLine
from tests.doors import prepared
from tests.e2e.kit import close_windows
from tests.people import People
from worker import relay_delivery
from worker.relay import Relay
from worker.temporal import call_activities, call_worker, reach

AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class House:
    """The web process, the worker and the relay of one test, and the pages of its people."""

    def __init__(self, settings: Settings, database: Database, people: People, browser: Browser) -> None:
        own = settings.temporal.model_copy(update={"task_queue": f"test-{uuid4().hex[:8]}"})
        self.settings = settings.model_copy(update={"temporal": own})
        self.database, self.people, self.browser = database, people, browser
        self.app = prepared(self.settings)
        self.complaints: list[str] = []
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["House"]:
        self._temporal, prefix = await reach(self.settings), self.settings.temporal.task_queue
        relay = asyncio.create_task(self._relay(self._temporal, prefix))
        await self.start_worker()
        await self.start_web()
        yield self
        await self.stop_web()
        await self.stop_worker()
        relay.cancel()

    async def start_worker(self) -> None:
        holders = call_activities(self.database, WebLine(self.database), ZoneInfo("Europe/Moscow"))
        self._worker = call_worker(self._temporal, self.settings.temporal.task_queue, holders)
        await self._worker.__aenter__()

    async def stop_worker(self) -> None:
        await self._worker.__aexit__(None, None, None)

    async def start_web(self) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, port=self.port, log_level="error", timeout_graceful_shutdown=1)
        )
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop_web(self) -> None:
        self.app.state.live.close()
        self._server.should_exit = True
        await self._serving

    async def _relay(self, temporal: Any, prefix: str) -> None:
        relay, silence = Relay(self.database, relay_delivery.addressees(temporal, prefix)), Silence()
        while True:
            carried = await relay.carry()
            async with self.database.transaction() as session:
                await silence.sweep(session)
            await asyncio.sleep(0 if carried else 0.05)

    async def context(self, *cookies: dict[str, str]) -> BrowserContext:
        context = await self.browser.new_context(permissions=["microphone"], locale="ru-RU")
        await context.add_cookies([{**cookie, "url": self.url} for cookie in cookies])
        context.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context

    async def citizen(self) -> Page:
        page = await (await self.context()).new_page()
        await page.goto(f"{self.url}/phone")
        return page

    async def operator(self, login: str = "olga") -> Page:
        employee = getattr(self.people, login)
        async with self.database.transaction() as session:
            visit = Visit(BROWSER, "127.0.0.1")
            token = (await staff.issue(session, self.app.state.rules, employee, Role(employee.roles[0]), visit)).token
        page = await (await self.context({"name": self.app.state.cookie, "value": token})).new_page()
        await page.goto(self.url)
        return page

    async def sql(self, statement: str) -> Any:
        async with self.database.transaction() as session:
            return (await session.execute(text(statement))).scalar()


@pytest.fixture
async def house(
    settings: Settings, fresh_database: Database, fresh_people: People, browser: Browser
) -> AsyncIterator[House]:
    async with House(settings, fresh_database, fresh_people, browser).open() as house:
        yield house
        await close_windows(browser)


async def go_on_line(page: Page) -> None:
    await expect(page.get_by_text("Телефон готов")).to_be_visible(timeout=15000)
    await page.locator("#state-button").click()
    await page.locator('[data-key="incoming"]').click()
    await expect(page.locator("#state-button")).to_contain_text("Входящие")


async def dial(page: Page, number: str = "8 916 123-45-67") -> None:
    await page.get_by_label("Ваш номер телефона").fill(number)
    await page.get_by_role("button", name="Позвонить").click()


async def stats(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("document.querySelector('pult-softphone, pult-phone').stats()")
    return found or {"received": 0, "energy": 0}


async def until(look: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(40):
        while not await look():
            await asyncio.sleep(0.1)


async def hears(page: Page) -> None:
    """Packets arrive and their sound is more than silence."""
    before = await stats(page)

    async def more() -> bool:
        nonlocal before
        now = await stats(page)
        if now["received"] < before["received"]:  # another connection counts from nought
            before = now
        return bool(now["received"] > before["received"] + 20 and now["energy"] > before["energy"])

    await until(more)


async def is_accessible(page: Page) -> None:
    """axe finds nothing in light and dark."""
    await page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        await page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
        await asyncio.sleep(0.5)
        found = await page.evaluate("rules => axe.run({runOnly: rules}).then(found => found.violations)", RULES)
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


async def talk(house: House) -> tuple[Page, Page]:
    """Анна phones, Ольга takes."""
    operator, citizen = await house.operator(), await house.citizen()
    await go_on_line(operator)
    await dial(citizen)
    accept = operator.get_by_role("button", name="ПРИНЯТЬ")
    await expect(accept).to_be_visible(timeout=30000)
    await asyncio.sleep(0.4)
    await accept.click()
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking", timeout=30000)
    await asyncio.gather(hears(operator), hears(citizen))
    return operator, citizen
