"""A talk of two real browsers is recorded piece by piece, joined, and played by the supervisor alone."""

import array
import asyncio
import io
from typing import Any
from uuid import UUID

import av
import pytest
from playwright.async_api import Page, expect

from tests.e2e.line_house import House, hears, talk, until
from worker import document_recording
from worker.document_means import Means

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

RECORDED = "SELECT extract(epoch FROM ended_at - started_at)::float FROM recording"
LISTENED = "SELECT count(*) FROM audit WHERE thing = 'recording' AND verb = 'listen'"


async def joined(house: House) -> None:
    """What the documents process does when the relay sends it the ended recordings."""
    await until(lambda: house.sql("SELECT every(ended_at IS NOT NULL) FROM recording"))
    means = Means.of(house.settings)
    for recording_id in await house.sql("SELECT array_agg(id) FROM recording"):
        await document_recording.join(means, UUID(str(recording_id)))
    await means.close()


async def hang_up(operator: Page) -> None:
    await operator.locator('pult-softphone [data-key="hangup"]').click()
    await expect(operator.locator("pult-softphone").get_by_text("Завершите обслуживание")).to_be_visible()


async def over_a_restart(house: House) -> None:
    """The first piece finds nobody, and comes again."""
    await house.stop_web()
    await asyncio.sleep(5.5)
    await house.start_web()
    await until(lambda: house.sql("SELECT count(*) > 0 FROM recording_segment"))


async def player(house: House) -> tuple[Page, str]:
    """Вера opens the call in the journal and its player."""
    vera = await house.operator("vera")
    await vera.goto(f"{house.url}/journal")
    await vera.get_by_role("button", name="Прослушать запись").click()
    return vera, house.url + str(await vera.locator("audio").first.get_attribute("src"))


async def fetched(page: Page, address: str, span: str = "") -> tuple[int, bytes, dict[str, str]]:
    answer = await page.request.get(address, headers={"Range": span} if span else {})
    return answer.status, await answer.body(), answer.headers


def heard(content: bytes) -> tuple[float, float]:
    """How long a sound plays, and how loud it is on the whole."""
    power, count = 0.0, 0
    with av.open(io.BytesIO(content)) as sound:
        for frame in sound.decode(audio=0):
            samples = array.array("f", bytes(frame.planes[0])[: 4 * frame.samples])
            power, count = power + sum(each * each for each in samples), count + len(samples)
        return (sound.duration or 0) / 1e6, power / max(1, count)


async def played(vera: Page) -> dict[str, Any]:
    """Press play, and see the time go on."""
    play = """async audio => {
        await audio.play();
        await new Promise(done => { audio.ontimeupdate = () => audio.currentTime > 0.5 && done(); });
        audio.pause();
        return {seconds: audio.duration, error: audio.error};
    }"""
    found: dict[str, Any] = await vera.locator("audio").first.evaluate(play)
    return found


async def is_refused_to_others(house: House, operator: Page, address: str) -> None:
    assert (await fetched(operator, address))[0] == 403
    assert (await (await house.citizen()).request.get(address)).status == 401


async def comes_in_parts(vera: Page, address: str) -> None:
    status, part, headers = await fetched(vera, address, "bytes=100-199")
    assert (status, len(part), headers["content-range"][:14]) == (206, 100, "bytes 100-199/")
    assert (await fetched(vera, address, "bytes=99999999-"))[0] == 416


async def test_a_talk_is_recorded_and_the_supervisor_alone_plays_it(house: House) -> None:
    operator, citizen = await talk(house)
    await expect(operator.get_by_text("Идёт запись")).to_be_visible()
    await expect(citizen.get_by_text("Разговор записывается")).to_be_visible()
    await over_a_restart(house)
    await hang_up(operator)
    await joined(house)
    vera, address = await player(house)
    assert (await house.sql(LISTENED), await house.sql("SELECT lost FROM recording")) == (0, [])
    seconds, power = heard((await fetched(vera, address))[1])
    assert (abs(seconds - await house.sql(RECORDED)) < 1.5, power > 1e-5) == (True, True)
    assert (await played(vera))["seconds"] == pytest.approx(seconds, abs=0.1)
    await asyncio.gather(comes_in_parts(vera, address), is_refused_to_others(house, operator, address))
    assert await house.sql(LISTENED) == 1, "one play, however many requests"


async def pauses_on_hold(operator: Page) -> None:
    says, hold = operator.get_by_text("Идёт запись"), operator.locator('pult-softphone [data-key="hold"]')
    await expect(says).to_be_visible()
    for is_recorded in (False, True):
        await hold.click()
        await expect(says).to_be_visible(visible=is_recorded, timeout=15000)


async def test_a_hold_is_not_recorded_and_a_reload_begins_another_recording(house: House) -> None:
    operator, citizen = await talk(house)
    operator.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await pauses_on_hold(operator)
    await operator.goto(house.url)
    await asyncio.gather(hears(operator), hears(citizen))
    await hang_up(operator)
    await joined(house)
    assert await house.sql("SELECT array_agg(state ORDER BY started_at) FROM recording") == ["joined", "joined"]
    assert house.complaints == []
