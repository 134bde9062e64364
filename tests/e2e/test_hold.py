"""Hold: the citizen hears music, the operator silence; a reload changes nothing of it."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.line_house import House, hears, stats, talk
from tests.e2e.line_scene import faults, hears_music, press, reload

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_a_held_citizen_hears_music_and_nobody_hears_the_other(house: House) -> None:
    operator, citizen = await talk(house)
    assert (await stats(citizen))["music"] == 0
    await operator.keyboard.press("Alt+KeyH")
    await hears_music(citizen)
    await expect(citizen.get_by_text("Звонок на удержании")).to_be_visible()
    await asyncio.sleep(0.5)
    before = await asyncio.gather(stats(operator), stats(citizen))
    await asyncio.sleep(1)
    after = await asyncio.gather(stats(operator), stats(citizen))
    heard = [now["energy"] - then["energy"] for then, now in zip(before, after, strict=True)]
    assert (max(heard) < 1e-4, after[0]["muted"], after[1]["muted"]) == (True, True, True)
    await press(operator, "Снять с удержания")
    await asyncio.gather(hears(operator), hears(citizen))
    assert ((await stats(citizen))["music"], faults(house)) == (0, [])


async def test_a_hold_outlives_the_reload_of_both_pages(house: House) -> None:
    operator, citizen = await talk(house)
    await press(operator, "Удержание")
    await hears_music(citizen)
    await expect(operator.get_by_role("button", name="Снять с удержания")).to_be_focused()
    await asyncio.gather(reload(operator), reload(citizen))
    await expect(operator.get_by_role("button", name="Снять с удержания")).to_be_visible(timeout=30000)
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "held", timeout=30000)
    await asyncio.sleep(0.5)
    await press(operator, "Снять с удержания")
    await asyncio.gather(hears(operator), hears(citizen))
