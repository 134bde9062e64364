"""F5 in each state of a call: the page comes back to where it was (the talk itself: test_line_peer.py)."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.line_house import House, dial, go_on_line, talk

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_a_citizen_who_reloads_in_the_queue_keeps_his_place(house: House) -> None:
    citizen = await house.citizen()
    await dial(citizen)
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "waiting", timeout=10000)
    await citizen.reload()
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "waiting", timeout=10000)
    assert await house.sql("SELECT count(*) FROM call") == 1


async def test_an_operator_who_reloads_while_it_rings_can_still_answer(house: House) -> None:
    operator, citizen = await house.operator(), await house.citizen()
    await go_on_line(operator)
    await dial(citizen)
    accept = operator.get_by_role("button", name="ПРИНЯТЬ")
    await expect(accept).to_be_visible(timeout=10000)
    await operator.reload()
    await expect(accept).to_be_visible(timeout=10000)
    await asyncio.sleep(0.4)
    await accept.click()
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking", timeout=10000)


async def test_an_operator_who_reloads_in_post_processing_finds_what_she_typed(house: House) -> None:
    operator, citizen = await talk(house)
    await citizen.get_by_role("button", name="Завершить звонок").click()
    await expect(operator.locator("#main")).to_contain_text("Постобработка. Завершите обслуживание")
    await operator.get_by_role("tab", name="Комментарий").click()
    await operator.get_by_label("Комментарий").last.fill("Перезвонить в среду")
    await operator.reload()
    await expect(operator.locator("#main")).to_contain_text("Постобработка. Завершите обслуживание")
    await operator.get_by_role("button", name="Завершить обслуживание").first.click()
    dialog = operator.get_by_role("dialog", name="Завершение обслуживания")
    await expect(dialog.get_by_label("Комментарии")).to_have_value("Перезвонить в среду")
