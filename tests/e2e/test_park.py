"""The operator's page is gone in the middle of a talk: music at once, the same operator back, or another one."""

import asyncio
import time
from contextlib import suppress

import pytest
from playwright.async_api import Page, expect

from tests.e2e.line_house import House, dial, hears, stats, talk
from tests.e2e.line_scene import accept, beside, go_on_line_by_key, hears_music, kinds, reload

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
MUSIC_WITHIN = 3


async def crash(page: Page) -> None:
    """The browser's process dies: no beacon, no good-bye."""
    session = await page.context.new_cdp_session(page)
    with suppress(Exception):
        await asyncio.wait_for(session.send("Page.crash"), 1)


async def music_begins(citizen: Page) -> float:
    began = time.monotonic()
    await hears_music(citizen)
    return time.monotonic() - began


async def test_an_operator_who_reloads_leaves_the_citizen_with_music_and_is_back_by_herself(house: House) -> None:
    operator, citizen = await talk(house)
    waited, _ = await asyncio.gather(music_begins(citizen), reload(operator))
    assert waited < MUSIC_WITHIN
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking", timeout=30000)
    await asyncio.gather(hears(operator), hears(citizen))
    assert (await kinds(house))[-2:] == ["parked", "operator_returned"]
    assert ((await stats(citizen))["music"], await house.sql("SELECT count(*) FROM serving")) == (0, 1)


async def test_another_operator_gets_the_call_of_a_browser_that_died(house: House) -> None:
    operator, citizen = await house.operator(), await house.citizen()
    await go_on_line_by_key(operator)
    await dial(citizen)
    await accept(operator)
    await asyncio.gather(hears(operator), hears(citizen))
    colleague = await beside(house)
    waited, _ = await asyncio.gather(music_begins(citizen), crash(operator))
    assert waited < MUSIC_WITHIN
    await expect(citizen.get_by_text("Связь с оператором прервалась. Оставайтесь на линии")).to_be_visible()
    await accept(colleague)
    await asyncio.gather(hears(colleague), hears(citizen))
    assert "returned_to_queue" in await kinds(house)


async def test_a_false_alarm_ends_by_itself(house: House) -> None:
    operator, citizen = await talk(house)
    leg = await house.sql("SELECT id FROM line_leg WHERE side = 'citizen'")
    status = await citizen.evaluate(
        f"fetch('/api/v1/line/legs/{leg}/lost', {{method: 'POST'}}).then(one => one.status)"
    )
    assert status == 204
    await hears_music(citizen)
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking", timeout=30000)
    await asyncio.gather(hears(operator), hears(citizen))
