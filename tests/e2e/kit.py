"""The gallery of the kit, served and opened in a real browser, and what its tests ask of a page."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.screens import CHROMIUM, FLAGS
from tests.ui.gallery import Ground, create_gallery

AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Served:
    """The gallery on a port of the system's choice; it can be stopped and started again on the same one."""

    def __init__(self) -> None:
        self.app = create_gallery()
        self.ground: Ground = self.app.state.ground
        self.port = 0

    async def start(self) -> None:
        config = uvicorn.Config(self.app, port=self.port, log_level="error", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.task = asyncio.create_task(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.02)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Started once a worker; a context is as separate as a browser of its own."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """A browser without windows; those of the test are closed after it."""
    yield chromium
    await close_windows(chromium)


async def close_windows(browser: Browser) -> None:
    for context in browser.contexts:
        await context.close()


@pytest_asyncio.fixture
async def gallery() -> AsyncIterator[Served]:
    served = Served()
    await served.start()
    yield served
    await served.stop()


@pytest_asyncio.fixture(params=["light"])
async def page(
    request: pytest.FixtureRequest, browser: Browser, gallery: Served, tmp_path: Path
) -> AsyncIterator[Page]:
    """Fails on leaving if the strict CSP was violated or a script broke."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=request.param)
    opened = await context.new_page()
    faults: list[str] = []
    opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    await opened.goto(gallery.url)
    await expect(opened.locator("pult-live")).to_have_attribute("state", "up")
    yield opened
    await context.close()
    assert faults == []


async def axe(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("rules => axe.run({runOnly: rules}).then(r => r.violations)", RULES)
    return [f"{fault['id']}: {json.dumps([node['html'][:160] for node in fault['nodes']])}" for fault in found]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.05)


async def open_dialog(page: Page) -> None:
    await page.click("#open-finish")
    await expect(page.locator("#finish-dialog")).to_be_visible()
