"""Nobody answers: a citizen records a message that the supervisor hears, or keeps his place in the queue."""

import asyncio
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.e2e.line_house import House, dial, is_accessible, until
from tests.e2e.test_recording import fetched, heard, played
from worker import document_voicemail
from worker.document_means import Means

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

OPENS_TOMORROW = """UPDATE queue SET hours = jsonb_build_object('mon', '[]'::jsonb) || jsonb_build_object(
    to_char(now() AT TIME ZONE 'Europe/Moscow' + interval '1 day', 'dy'), '[["08:00", "20:00"]]'::jsonb) RETURNING 1"""
LISTENED = "SELECT count(*) FROM audit WHERE thing = 'voicemail' AND verb = 'listen'"


async def asked(house: House, setting: str) -> Page:
    """Анна calls a queue where nobody answers, and is asked what else she wants."""
    await house.sql(setting)
    citizen = await house.citizen()
    await dial(citizen)
    await expect(citizen.get_by_role("button", name="Оставить голосовое сообщение")).to_be_focused(timeout=15000)
    return citizen


async def record(citizen: Page) -> None:
    await citizen.get_by_role("button", name="Оставить голосовое сообщение").click()
    await expect(citizen.get_by_text("Говорите, идёт запись")).to_be_visible()
    await asyncio.sleep(2.2)
    await citizen.get_by_role("button", name="Закончить запись").click()
    await expect(citizen.get_by_text("Сообщение записано: 00:02")).to_be_visible()


async def send(house: House, citizen: Page) -> None:
    await citizen.get_by_role("button", name="Отправить").click()
    await expect(citizen.get_by_text("Сообщение отправлено. Спасибо за звонок.")).to_be_visible()
    await until(lambda: house.sql("SELECT 1 FROM call WHERE stage = 'voicemail'"))
    await prepared(house)


async def prepared(house: House) -> None:
    """What the documents process does when the relay sends it the message."""
    means = Means.of(house.settings)
    await document_voicemail.join(means, UUID(str(await house.sql("SELECT id FROM voicemail"))))
    await means.close()


async def test_a_message_left_at_night_is_heard_by_the_supervisor(house: House) -> None:
    citizen = await asked(house, OPENS_TOMORROW)
    await expect(citizen.get_by_text("Откроемся завтра в 08:00")).to_be_visible()
    await record(citizen)
    await send(house, citizen)
    vera = await house.operator("vera")
    await vera.get_by_role("link", name="Голосовая почта 1 новых").click()
    await vera.get_by_role("button", name="Прослушать сообщение").click()
    seconds, power = heard((await fetched(vera, house.url + str(await vera.locator("audio").get_attribute("src"))))[1])
    assert (1.5 < seconds < 4, power > 1e-5, await house.sql(LISTENED)) == (True, True, 1)
    assert (await played(vera))["error"] is None
    await expect(vera.get_by_role("link", name="Голосовая почта", exact=True)).to_be_visible()
    assert house.complaints == []


async def test_who_waited_too_long_keeps_his_place(house: House) -> None:
    await house.sql("UPDATE queue SET wait_seconds = 8 RETURNING 1")
    citizen = await house.citizen()
    await dial(citizen)
    for words in ("Вы 1-й в очереди", "Сейчас все операторы заняты", "Свободного оператора пока нет"):
        await expect(citizen.get_by_text(words)).to_be_visible(timeout=15000)
    await is_accessible(citizen)
    await citizen.get_by_role("button", name="Сохранить моё место, перезвоните мне").click()
    await expect(
        citizen.get_by_text("Мы сохранили ваше место и перезвоним на номер +7 (916) 123-45-67")
    ).to_be_visible()
    await until(lambda: house.sql("SELECT 1 FROM call WHERE stage = 'callback'"))
    vera = await house.operator("vera")
    await vera.goto(f"{house.url}/callback-wishes")
    await expect(vera.get_by_role("cell", name="+7 (916) 123-45-67 номер не подтверждён")).to_be_visible()
