"""Hand-over: at once, after a consultation, and back when nobody takes it; the voice goes where the call goes."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from store.queue import Queue, QueueMember
from store.staff import Employee
from tests.e2e.line_house import House, hears, is_accessible, stats, talk
from tests.e2e.line_scene import (
    COLLEAGUE,
    accept,
    beside,
    faults,
    hears_music,
    open_page,
    open_transfer,
    press,
    send,
    transfer,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def is_in_post_processing(operator: Page) -> None:
    await expect(operator.locator("pult-softphone").get_by_text("Завершите обслуживание")).to_be_visible(timeout=30000)


async def test_a_call_handed_over_at_once_goes_on_with_the_colleague_and_the_words(house: House) -> None:
    operator, citizen = await talk(house)
    colleague = await beside(house)
    await operator.get_by_role("tab", name="Комментарий").click()
    await operator.get_by_label("Комментарий").last.fill("Спрашивает о справке")
    await asyncio.sleep(2.5)  # a draft is kept after two seconds of silence
    await transfer(operator, "Перевести сразу")
    await hears_music(citizen)
    await expect(operator.get_by_text(f"Переводим: {COLLEAGUE}, звонит…")).to_be_visible(timeout=15000)
    await expect(colleague.get_by_text("Вызов передаёт: Ольга Викторовна Котова")).to_be_visible(timeout=30000)
    await accept(colleague)
    await asyncio.gather(hears(colleague), hears(citizen), is_in_post_processing(operator))
    await expect(colleague.get_by_label("Комментарий").last).to_have_value("Спрашивает о справке", timeout=15000)
    assert faults(house) == []


async def test_after_a_consultation_the_citizen_is_connected(house: House) -> None:
    operator, citizen = await talk(house)
    colleague = await beside(house)
    await transfer(operator, "Посоветоваться")
    await accept(colleague)
    await expect(operator.get_by_text("Абонент слышит музыку.")).to_be_visible(timeout=30000)
    await asyncio.gather(hears(operator), hears(colleague), hears_music(citizen))
    await press(operator, "Соединить")
    await expect(citizen.locator("pult-phone")).to_have_attribute("data-stage", "talking", timeout=30000)
    await asyncio.gather(hears(colleague), hears(citizen), is_in_post_processing(operator))
    assert (await stats(citizen))["music"] == 0


async def test_a_call_that_is_not_taken_is_the_first_operators_again(house: House) -> None:
    operator, citizen = await talk(house)
    colleague = await beside(house)
    await transfer(operator, "Перевести сразу")
    decline = colleague.get_by_role("button", name="Отклонить")
    await expect(decline).to_be_visible(timeout=30000)
    await asyncio.sleep(0.4)
    await decline.click()
    said = operator.locator(".pult-toast", has_text=f"Перевод отклонён: {COLLEAGUE}. Абонент снова с вами.")
    await expect(said).to_be_visible(timeout=15000)
    await asyncio.gather(hears(operator), hears(citizen))


async def test_who_consults_can_go_back_to_the_citizen(house: House) -> None:
    operator, citizen = await talk(house)
    colleague = await beside(house)
    await operator.keyboard.press("Alt+KeyT")
    await expect(operator.get_by_role("dialog", name="Перевод вызова")).to_be_visible(timeout=15000)
    await is_accessible(operator)
    await operator.keyboard.press("Escape")
    await transfer(operator, "Посоветоваться")
    await accept(colleague)
    await asyncio.gather(hears(operator), hears(colleague))
    await is_accessible(operator)
    await operator.keyboard.press("Alt+KeyT")
    await asyncio.gather(hears(operator), hears(citizen))
    await expect(colleague.get_by_text("Телефон готов")).to_be_visible(timeout=30000)


async def test_a_call_handed_to_another_queue_is_served_by_its_operator(house: House) -> None:
    operator, citizen = await talk(house)
    await add_queue(house, "Выплаты", house.people.vera)
    dialog = await open_transfer(operator, "Очереди")
    other = dialog.locator(".pult-target", has_text="Выплаты")
    await expect(other).to_contain_text("на линии: 0")
    member = await beside(house, "vera")
    await other.click()  # drawn anew each few seconds: it waits until somebody is on line
    await send(dialog)
    await asyncio.gather(hears_music(citizen), is_in_post_processing(operator))
    await accept(member)
    await asyncio.gather(hears(member), hears(citizen))
    assert await house.sql("SELECT name FROM call JOIN queue ON queue.id = call.queue_id") == "Выплаты"


async def test_an_outside_number_that_refuses_gives_the_call_back_and_one_that_answers_has_it(house: House) -> None:
    operator, citizen = await talk(house)
    outside = await open_page(house, "84950001122")
    await operator.get_by_role("tab", name="Комментарий").click()
    comment = operator.get_by_label("Комментарий").last
    await comment.fill("Спрашивает о справке")
    await hand_over_outside(operator)
    await outside.get_by_role("button", name="Отклонить").click(timeout=15000)
    await expect(operator.locator(".pult-toast", has_text="Абонент снова с вами.")).to_be_visible(timeout=15000)
    await asyncio.gather(hears(operator), hears(citizen), expect(comment).to_have_value("Спрашивает о справке"))
    await hand_over_outside(operator)
    await outside.get_by_role("button", name="Ответить").click(timeout=15000)
    await asyncio.gather(hears(outside), hears(citizen), is_in_post_processing(operator))


async def add_queue(house: House, name: str, member: Employee) -> None:
    async with house.database.transaction() as session:
        session.add(queue := Queue(name=name))
        await session.flush()
        session.add(QueueMember(queue_id=queue.id, employee_id=member.id))


async def hand_over_outside(operator: Page) -> None:
    dialog = await open_transfer(operator, "Номер")
    await dialog.get_by_label("Внешний номер").fill("8 495 000-11-22")
    await send(dialog)
