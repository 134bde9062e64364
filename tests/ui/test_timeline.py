"""The timeline of a call on paper: its words can be read back out of the PDF."""

import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from pypdf import PdfReader
from sqlalchemy import text

from schemas.call import CallStage
from schemas.staff import Role
from schemas.timeline import EventKind
from store.call import Call, CallEvent, Serving
from tests.doors import Doors
from tests.people import ANNA_NUMBER, People

AT = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)
STORY = (  # one by one, a second apart
    EventKind.ARRIVED,
    EventKind.OFFERED,
    EventKind.RINGING,
    EventKind.ANSWERED,
    EventKind.TALK_ENDED,
    EventKind.FINISHED,
)


@pytest.fixture
async def call_id(doors: Doors, fresh_people: People) -> UUID:
    """A call of Анна that Ольга served."""
    call_id, olga = uuid4(), fresh_people.olga
    desk_id = fresh_people.desk(olga).id
    values = {"number": ANNA_NUMBER, "queue_id": fresh_people.queue.id, "started_at": AT, "queued_at": AT}
    ended = {"answered_at": AT + timedelta(seconds=9), "ended_at": AT + timedelta(minutes=4)}
    async with doors.app.state.database.transaction() as session:
        comment = "Ёмкость «0123456789», <b>не жирный</b>, English too."
        session.add(Call(id=call_id, stage=CallStage.FINISHED, employee_id=olga.id, comment=comment, **values, **ended))
        await session.flush()
        session.add(Serving(call_id=call_id, desk_id=desk_id, employee_id=olga.id, offered_at=AT, finished_at=AT))
        for seq, kind in enumerate(STORY, 1):
            at = AT + timedelta(seconds=seq)
            session.add(CallEvent(call_id=call_id, seq=seq, key=str(seq), kind=kind, at=at, actor_id=olga.id))
    return call_id


async def words_of(client: AsyncClient, call_id: UUID) -> str:
    answer = await client.get(f"/calls/{call_id}/timeline.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())


@pytest.fixture
async def paper(doors: Doors, fresh_people: People, call_id: UUID) -> str:
    return await words_of(await doors.browser(fresh_people.olga), call_id)


async def test_it_says_who_did_what_when(paper: str) -> None:
    assert "Хронология обслуживания" in paper
    assert "02.03.2026 12:30:09 Оператор принял вызов Ольга Викторовна Котова" in paper


async def test_every_letter_and_digit_can_be_read(paper: str) -> None:
    assert "Ёмкость «0123456789», <b>не жирный</b>, English too." in paper
    assert "+7 (916) 123-45-67" in paper


async def test_pages_are_numbered_and_signed_by_who_printed(paper: str) -> None:
    assert "Страница 1 из 1" in paper
    assert "Напечатал: Ольга Викторовна Котова" in paper


async def test_its_fonts_are_our_own(doors: Doors, fresh_people: People, call_id: UUID) -> None:
    answer = await (await doors.browser(fresh_people.olga)).get(f"/calls/{call_id}/timeline.pdf")
    fonts = {font for page in PdfReader(BytesIO(answer.content)).pages for font in page["/Resources"]["/Font"].values()}
    assert all("golos-" in str(font.get_object()["/BaseFont"]) for font in fonts), [
        str(f.get_object()["/BaseFont"]) for f in fonts
    ]


async def test_printing_is_recorded(doors: Doors, paper: str, call_id: UUID) -> None:
    async with doors.app.state.database.transaction() as session:
        found = await session.execute(text("SELECT verb FROM audit WHERE thing_id = :id"), {"id": call_id})
        assert "print_timeline" in found.scalars().all()


async def test_a_colleagues_call_is_not_there(doors: Doors, fresh_people: People, call_id: UUID) -> None:
    pyotr = await doors.browser(fresh_people.pyotr)
    assert (await pyotr.get(f"/calls/{call_id}/timeline.pdf")).status_code == 404


async def test_a_supervisor_prints_any_call(doors: Doors, fresh_people: People, call_id: UUID) -> None:
    assert "Событ" in await words_of(await doors.browser(fresh_people.vera, Role.SUPERVISOR), call_id)


async def test_strangers_may_not_print(doors: Doors, fresh_people: People, call_id: UUID) -> None:
    stranger = await doors.browser(fresh_people.stranger)
    assert (await stranger.get(f"/calls/{call_id}/timeline.pdf")).status_code == 403


async def test_missing_libraries_are_told_in_words(
    doors: Doors, fresh_people: People, call_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = await (await doors.browser(fresh_people.olga)).get(f"/calls/{call_id}/timeline.pdf")
    assert answer.status_code == 503
    assert "нет библиотек для PDF" in answer.text
