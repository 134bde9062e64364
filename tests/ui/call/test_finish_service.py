"""The dialog «Завершение обслуживания»: refused in words, finished once."""

import json

from httpx import AsyncClient, Response

from schemas.desk import DeskStatus
from tests.centre import Centre
from tests.doors import Doors
from tests.ui.screen import ids, value, words


async def opened(doors: Doors, centre: Centre) -> tuple[AsyncClient, str, str, str]:
    """A call in post-processing, its dialog open: the client, the address, the form's key, a reason."""
    ring = await centre.serve()
    order = await centre.order()
    client = await doors.browser(centre.people.olga)
    address = f"/calls/{ring.call_id}/completion"
    dialog = await client.get(address)
    assert dialog.status_code == 200
    return client, address, value(dialog, "key"), str(order.reasons[0])


async def finish(client: AsyncClient, address: str, key: str, **fields: str) -> Response:
    return await client.post(address, data={"key": key, "after": "work", **fields})


async def test_it_finishes_and_says_what_changed(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    done = await finish(client, address, key, reasons=reason, comment="Готово")
    assert done.status_code == 204
    news = json.loads(done.headers["HX-Trigger"])
    assert {"pult:calls", "pult:desk", "pult:close-dialog", f"pult:call-{address.split('/')[2]}"} <= set(news)
    card = words(await client.get(address.removesuffix("/completion")))
    assert "Обслуживание завершено" in card
    assert "Жалоба" in card
    assert await centre.desk() == DeskStatus.INCOMING


async def test_its_words_are_the_manuals(doors: Doors, centre: Centre) -> None:
    client, address, _, _ = await opened(doors, centre)
    dialog = await client.get(address)
    for said in (
        "Завершение обслуживания", "Причина звонка", "Готово", "Комментарии", "По завершению обслуживания",
        "Продолжить работу", "Уйти на перерыв", "Пометить вызов как отложенный", "Завершить обслуживание", "Отменить",
    ):  # fmt: skip
        assert said in dialog.text
    assert 'value="work" checked' in dialog.text


async def test_without_a_reason_it_is_refused_and_keeps_what_was_typed(doors: Doors, centre: Centre) -> None:
    client, address, key, _ = await opened(doors, centre)
    refused = await finish(client, address, key, comment="Не потерять", after="break", postponed="1")
    assert refused.status_code == 422
    assert "Выберите хотя бы одну причину звонка." in words(refused)
    assert "Не потерять" in words(refused)
    assert 'value="break" checked' in refused.text
    assert value(refused, "key") == key
    assert {"completion-form", "reasons-error"} <= ids(refused)


async def test_a_forged_reason_is_refused(doors: Doors, centre: Centre) -> None:
    client, address, key, _ = await opened(doors, centre)
    for forged in ("not-an-id", "00000000-0000-0000-0000-000000000000"):
        assert (await finish(client, address, key, reasons=forged)).status_code == 422


async def test_too_long_a_comment_is_refused(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    refused = await finish(client, address, key, reasons=reason, comment="я" * 2001)
    assert refused.status_code == 422
    assert "completion-comment-error" in ids(refused)


async def test_pressed_twice_it_finishes_once(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    answers = [await finish(client, address, key, reasons=reason) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await centre.events(address.split("/")[2])).count("finished") == 1  # type: ignore[arg-type]


async def test_another_form_of_a_finished_call_is_refused_in_words(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    await finish(client, address, key, reasons=reason)
    refused = await finish(client, address, "another-form-key", reasons=reason, comment="Опоздал")
    assert refused.status_code == 409
    assert "Обслуживание уже завершено: Ольга Викторовна Котова" in words(refused)
    assert "Опоздал" in words(refused)


async def test_going_to_a_break_frees_the_desk_into_it(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    await finish(client, address, key, reasons=reason, after="break")
    assert await centre.desk() == DeskStatus.BREAK


async def test_the_state_asked_for_in_the_call_is_chosen_already(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    await client.put("/desk/state", data={"status": "break"})
    assert 'value="break" checked' in (await client.get(address)).text
    await finish(client, address, key, reasons=reason, after="work")
    assert await centre.desk() == DeskStatus.INCOMING


async def test_the_draft_is_gone_with_the_form(doors: Doors, centre: Centre) -> None:
    client, address, key, reason = await opened(doors, centre)
    await client.post(address.replace("completion", "draft"), data={"comment": "x"})
    await finish(client, address, key, reasons=reason)
    assert await centre.sql("SELECT count(*) FROM draft") == 0


async def test_a_colleague_cannot_finish_it(doors: Doors, centre: Centre) -> None:
    _, address, key, reason = await opened(doors, centre)
    pyotr = await doors.browser(centre.people.pyotr)
    assert (await pyotr.get(address)).status_code == 404
    assert (await finish(pyotr, address, key, reasons=reason)).status_code == 404
