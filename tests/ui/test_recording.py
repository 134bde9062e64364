"""«Прослушать запись» stands where there is one, for those who may."""

from uuid import UUID, uuid4

from httpx import Response

from schemas.recording import RecordingState
from schemas.staff import Role
from store.call import Call
from store.recording import Recording
from tests.calls import Calls
from tests.doors import Doors
from tests.ui.screen import words

LISTEN = "Прослушать запись"


async def recorded(calls: Calls, **fields: object) -> Call:
    """A call of Ольга that her page recorded."""
    call = await calls.served()
    values = {"state": RecordingState.JOINED, "object": "recordings/x.webm", "size": 9, "seconds": 62.0} | fields
    calls.session.add(
        Recording(id=uuid4(), call_id=call.id, leg_id=uuid4(), employee_id=calls.people.olga.id, **values)
    )
    await calls.session.commit()
    return call


async def shown(doors: Doors, calls: Calls, address: str, login: str = "vera") -> Response:
    role = Role.SUPERVISOR if login == "vera" else None
    return await (await doors.browser(getattr(calls.people, login), role)).get(address)


async def test_it_opens_from_the_journal_and_from_the_card(doors: Doors, calls: Calls) -> None:
    await calls.served()
    call = await recorded(calls)
    assert (await shown(doors, calls, "/journal")).text.count(f'title="{LISTEN}"') == 1
    assert LISTEN in words(await shown(doors, calls, f"/calls/{call.id}"))


async def test_an_operator_is_not_offered_it_and_does_not_get_it(doors: Doors, calls: Calls) -> None:
    call = await recorded(calls)
    for address in ("/journal", f"/calls/{call.id}"):
        answer = await shown(doors, calls, address, "olga")
        assert (answer.status_code, LISTEN in answer.text) == (200, False)
    assert (await shown(doors, calls, f"/calls/{call.id}/recordings", "olga")).status_code == 403


async def said(doors: Doors, calls: Calls, call_id: UUID) -> str:
    return words(await shown(doors, calls, f"/calls/{call_id}/recordings"))


async def test_the_player_says_who_recorded_how_long_and_what_is_lost(doors: Doors, calls: Calls) -> None:
    seen = await said(doors, calls, (await recorded(calls, lost=[3])).id)
    for part in ("Запись разговора", "Ольга Викторовна Котова · 01:02", "Фрагмент 3 потерян"):
        assert part in seen
    assert "Фрагменты 3, 4 потеряны" in await said(doors, calls, (await recorded(calls, lost=[3, 4])).id)


async def test_what_cannot_be_played_is_told_in_words(doors: Doors, calls: Calls) -> None:
    nothing = {"object": None, "size": None, "seconds": None}
    for state, sentence in ((RecordingState.OPEN, "готовится"), (RecordingState.FAILED, "повреждена")):
        assert sentence in await said(doors, calls, (await recorded(calls, state=state, **nothing)).id)
    gone = await recorded(calls, state=RecordingState.EXPIRED, object=None, size=None)
    assert "Срок хранения записи истёк." in await said(doors, calls, gone.id)
    plain = await calls.served()
    await calls.session.commit()
    assert "нет записи" in await said(doors, calls, plain.id)
