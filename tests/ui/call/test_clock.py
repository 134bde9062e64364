"""What the clock adds to a card: a greeting, the norm of a talk, the limit of the post-processing, what was late."""

import re
from uuid import UUID

from httpx import AsyncClient

from schemas.call import CallStage
from tests.centre import Centre
from tests.doors import Doors
from tests.ui.screen import ids, value, words

GREETING = "{time_of_day}! Меня зовут {operator}."
LAPSED = "Время постобработки вышло. Набранное сохранено, вызов отмечен «не заполнено»."


async def set_queue(centre: Centre, **settings: object) -> None:
    for name, setting in settings.items():
        await centre.sql(f"UPDATE queue SET {name} = :value RETURNING id", value=setting)


async def test_the_greeting_stands_in_the_card_while_they_talk(doors: Doors, centre: Centre) -> None:
    await set_queue(centre, greeting=GREETING)
    call_id, olga = (await centre.talk()).call_id, await doors.browser(centre.people.olga)
    seen = words(await olga.get(f"/calls/{call_id}"))
    assert re.search(r"(Доброе утро|Добрый день|Добрый вечер|Доброй ночи)! Меня зовут Ольга Викторовна\.", seen)
    await centre.citizen_hangs_up(call_id)
    await centre.reaches(call_id, CallStage.POST_PROCESSING)
    assert "Меня зовут" not in words(await olga.get(f"/calls/{call_id}"))


async def test_a_talk_past_its_norm_is_said_gently(doors: Doors, centre: Centre) -> None:
    await set_queue(centre, talk_norm_seconds=180)
    call_id, olga = (await centre.talk()).call_id, await doors.browser(centre.people.olga)
    card = (await olga.get(f"/calls/{call_id}")).text
    assert 'data-text="Разговор дольше нормы (03:00)"' in card
    since = int(re.findall(r'<pult-reminder[^>]* since="(\d+)"', card)[0])
    assert since - int(re.findall(r'<pult-timer[^>]*Продолжительность[^>]* since="(\d+)"', card)[0]) == 180_000


async def test_the_limit_counts_down_with_two_warnings_in_card_and_dialog(doors: Doors, centre: Centre) -> None:
    await set_queue(centre, post_processing_seconds=90)
    call_id, olga = (await centre.serve()).call_id, await doors.browser(centre.people.olga)
    for address in (f"/calls/{call_id}", f"/calls/{call_id}/completion"):
        limit = (await olga.get(address)).text.split('class="pult-limit"')[1]
        until = int(re.findall(r'<pult-timer[^>]* until="(\d+)"', limit)[0])
        warnings = [int(since) for since in re.findall(r'<pult-reminder[^>]* since="(\d+)"', limit)]
        assert [until - since for since in warnings] == [30_000, 15_000, 0]


async def lapsed(doors: Doors, centre: Centre) -> tuple[AsyncClient, UUID, str]:
    """Ольга typed a comment and did not finish in time: her page, the call, a reason."""
    await set_queue(centre, post_processing_seconds=2)
    call_id, olga = (await centre.serve()).call_id, await doors.browser(centre.people.olga)
    reason = str((await centre.order()).reasons[0])
    await olga.post(f"/calls/{call_id}/draft", data={"comment": "Спросила про льготы"})
    await centre.reaches(call_id, CallStage.FINISHED)
    return olga, call_id, reason


async def test_what_was_not_filled_in_time_is_filled_later(doors: Doors, centre: Centre) -> None:
    olga, call_id, reason = await lapsed(doors, centre)
    card = await olga.get(f"/calls/{call_id}")
    assert (LAPSED in words(card), "fill-service" in ids(card)) == (True, True)
    dialog = await olga.get(f"/calls/{call_id}/completion")
    assert ("Спросила про льготы" in dialog.text, "Уйти на перерыв" in dialog.text) == (True, False)
    form = {"key": value(dialog, "key"), "reasons": reason, "comment": "Спросила про льготы"}
    for _ in "ab":  # the answer may be lost: the same form again
        assert (await olga.post(f"/calls/{call_id}/completion", data=form)).status_code == 204
    seen = words(await olga.get(f"/calls/{call_id}"))
    assert ("не заполнено" in seen, "Спросила про льготы" in seen, "Причина и комментарий дополнены" in seen) == (
        False, True, True,
    )  # fmt: skip


async def test_nobody_else_fills_it_and_nobody_twice(doors: Doors, centre: Centre) -> None:
    olga, call_id, reason = await lapsed(doors, centre)
    form = {"key": "form-key-9", "reasons": reason}
    for other in (centre.people.pyotr, centre.people.vera):
        refused = await (await doors.browser(other)).post(f"/calls/{call_id}/completion", data=form)
        assert refused.status_code in (404, 409)
    assert (await olga.post(f"/calls/{call_id}/completion", data=form)).status_code == 204
    assert (await olga.post(f"/calls/{call_id}/completion", data=form | {"key": "form-key-8"})).status_code == 409
