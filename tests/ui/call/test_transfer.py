"""The dialog «Перевод вызова» and hold in the panel: who is free, what is refused and stays chosen."""

from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from schemas.call import CallStage
from store.call import Call
from tests.calls import Calls
from tests.doors import Doors

KEY = {"Idempotency-Key": "a-key-of-the-panel"}


async def talk(calls: Calls) -> Call:
    """Ольга talks; Пётр is free."""
    call = await calls.call(stage=CallStage.TALKING, employee="olga", talk_ended_at=None, ended_at=None)
    await calls.serving(call, "olga", call.answered_at)
    people, session = calls.people, calls.session
    await session.execute(
        text("UPDATE desk SET status = 'incoming' WHERE id = :d"), {"d": people.desk(people.pyotr).id}
    )
    lease = "INSERT INTO desk_presence (desk_id, phone_id, ready, lease_until) VALUES (:d, :p, true, now() + '1 min')"
    await session.execute(text(lease), {"d": people.desk(people.pyotr).id, "p": uuid4()})
    await session.commit()
    return call


@pytest.fixture
async def olga(doors: Doors, calls: Calls) -> AsyncClient:
    return await doors.browser(calls.people.olga)


async def test_only_who_is_free_can_be_chosen(olga: AsyncClient, calls: Calls) -> None:
    call = await talk(calls)
    dialog = (await olga.get(f"/calls/{call.id}/transfer")).text
    people = calls.people
    assert f'value="{people.desk(people.pyotr).id}"' in dialog.replace("disabled", "")
    assert "Свободен" in dialog
    assert people.olga.full_name not in dialog
    await calls.session.execute(text("UPDATE desk SET status = 'break' WHERE status = 'incoming'"))
    await calls.session.commit()
    drawn = (await olga.get(f"/calls/{call.id}/transfer/targets", params={"q": "елк"})).text
    assert ("Перерыв" in drawn, "disabled" in drawn) == (True, True)
    assert people.pyotr.full_name not in (await olga.get(f"/calls/{call.id}/transfer/targets?q=нет")).text


@pytest.mark.parametrize(
    ("kind", "words"), [("desk", "Выберите сотрудника."), ("queue", "Выберите очередь."), ("number", "Введите номер.")]
)
async def test_a_hand_over_to_nobody_is_refused(olga: AsyncClient, calls: Calls, kind: str, words: str) -> None:
    call = await talk(calls)
    refused = await olga.post(f"/calls/{call.id}/transfer", data={"key": "a-key-of-the-form", "kind": kind})
    assert (refused.status_code, words in refused.text) == (422, True)


async def test_a_refused_hand_over_keeps_the_choice(olga: AsyncClient, calls: Calls) -> None:
    call = await talk(calls)
    desk = calls.people.desk(calls.people.pyotr).id
    form = {"key": "a-key-of-the-form", "kind": "desk", "desk": str(desk), "number": "8 495 1"}
    refused = await olga.post(f"/calls/{call.id}/transfer", data=form)
    assert (refused.status_code, "Вызов уже завершён." in refused.text) == (409, True), "it has no process"
    assert f'value="{desk}"  checked' in refused.text
    assert 'value="8 495 1"' in refused.text


async def test_a_number_that_is_none_is_refused_in_words(olga: AsyncClient, calls: Calls) -> None:
    call = await talk(calls)
    form = {"key": "a-key-of-the-form", "kind": "number", "number": "двести"}
    refused = await olga.post(f"/calls/{call.id}/transfer", data=form)
    assert (refused.status_code, 'value="двести"' in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("method", "act"), [("PUT", "hold"), ("DELETE", "hold"), ("DELETE", "transfer"), ("POST", "transfer/completion")]
)
async def test_nobody_commands_the_talk_of_another(doors: Doors, calls: Calls, method: str, act: str) -> None:
    call = await talk(calls)
    pyotr, stranger = [await doors.browser(who) for who in (calls.people.pyotr, calls.people.stranger)]
    assert (await pyotr.request(method, f"/calls/{call.id}/{act}", headers=KEY)).status_code == 404
    assert (await stranger.request(method, f"/calls/{call.id}/{act}", headers=KEY)).status_code == 403
