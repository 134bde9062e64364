"""The pages of the web line: anybody may phone, only a desk has a telephone."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from schemas.line import LegSide
from store import line, line_ring
from store.call import Call
from store.line import LineLeg
from tests.doors import Doors
from tests.people import ANNA_NUMBER, HOTLINE, People


async def ring(doors: Doors, people: People) -> LineLeg:
    """Анна's call rings at Ольга's desk."""
    now = datetime.now(UTC)
    caller = LineLeg(id=uuid4(), call_id=uuid4(), side=LegSide.CITIZEN, number=ANNA_NUMBER)
    leg = LineLeg(id=uuid4(), call_id=caller.call_id, side=LegSide.OPERATOR, offer_token=uuid4())
    leg.desk_id = people.desk(people.olga).id
    async with doors.app.state.database.transaction() as session:
        session.add(Call(id=leg.call_id, number=ANNA_NUMBER, confirmed=False, started_at=now, queued_at=now))
        await line.add_citizen(session, caller)
        leg.peer_id = caller.id
        await line_ring.ring(session, leg)
    return leg


async def test_anybody_may_phone_the_numbers_of_the_centre(doors: Doors, fresh_people: People) -> None:
    page = await (await doors.nobody()).get("/phone")
    assert page.status_code == 200
    name = fresh_people.queue.name
    assert f'<option value="{HOTLINE}" data-recorded>{name} — +7 (495) 123-45-67</option>' in page.text


async def test_a_free_telephone_offers_the_sound_check(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    panel = (await olga.get("/softphone")).text
    assert 'data-stage="idle"' in panel
    assert "Телефон готов" in panel
    assert "Проверить звук и микрофон" in (await olga.get("/softphone/check")).text


async def test_a_ringing_telephone_shows_who_and_two_buttons(doors: Doors, fresh_people: People) -> None:
    leg = await ring(doors, fresh_people)
    panel = (await (await doors.browser(fresh_people.olga)).get("/softphone")).text
    for words in (f'data-leg="{leg.id}"', "+7 (916) 123-45-67", "номер не подтверждён", "ПРИНЯТЬ", "Отклонить"):
        assert words in panel
    assert f'href="/calls/{leg.call_id}"' in panel
    assert "ПРИНЯТЬ" not in (await (await doors.browser(fresh_people.pyotr)).get("/softphone")).text


@pytest.mark.parametrize("login", ["admin", "stranger"])
async def test_who_has_no_desk_has_no_telephone(doors: Doors, fresh_people: People, login: str) -> None:
    stranger = await doors.browser(getattr(fresh_people, login))
    assert (await stranger.get("/softphone")).status_code == 403
