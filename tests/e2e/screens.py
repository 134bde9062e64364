"""What every screen is held to: no CSP violation, no script error, axe silent in light and dark, a picture kept."""

import os
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARTEFACTS = Path(os.environ.get("ARTEFACTS", "artefacts"))
AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
]
SIZES = {"small": (1366, 768), "large": (1920, 1080)}


class Window:
    """One person's browser window; `faults` must stay empty."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context, self.page = context, page
        self.faults: list[str] = []
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, url: str) -> "Window":
        context = await browser.new_context(
            permissions=["microphone"], locale="ru-RU", viewport={"width": 1366, "height": 768}
        )
        window = cls(context, await context.new_page())
        await window.page.goto(url)
        return window

    async def look(self, name: str) -> None:
        """Hold the screen to the rules in both themes, and keep its pictures."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            await self.page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
            await self.page.wait_for_timeout(250)
            for size, (width, height) in SIZES.items():
                await self.page.set_viewport_size({"width": width, "height": height})
                await self.page.screenshot(path=ARTEFACTS / f"{name}-{theme}-{size}.png", caret="initial")
            await self.page.set_viewport_size({"width": 1366, "height": 768})
            found = await self.axe()
            assert not found, f"{name}, {theme}: {found}"
        await self.page.evaluate("document.documentElement.dataset.bsTheme = 'light'")

    async def axe(self) -> list[str]:
        """Return what axe finds on the page as it is."""
        await self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = await self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        return [f"{it['id']}: {it['nodes'][0]['html'][:200]}" for it in found["violations"]]

    async def stats(self) -> dict[str, float]:
        """Return what WebRTC counted so far: packets and audio energy, both ways."""
        counted: dict[str, float] | None = await self.page.evaluate(
            "document.querySelector('pult-softphone, pult-phone').stats()"
        )
        return counted or {"received": 0, "energy": 0, "sent": 0}
