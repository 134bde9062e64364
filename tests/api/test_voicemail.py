"""A citizen leaves a message or keeps his place, once; the supervisor alone lists and hears, each listening noted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from schemas.call import CallStage
from schemas.line import LegState, StartLineCall
from schemas.staff import Role
from store.call import Call
from store.line import LineLeg
from tests.doors import Doors
from tests.people import ANNA_NUMBER, HOTLINE, People

SOUND = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 8
KEY = "a-key-of-the-message"
MESSAGE, WISH = "/api/v1/voicemails", "/api/v1/callback-wishes"


class Night:
    """Анна is asked whether she leaves a message."""

    def __init__(self, doors: Doors, people: People, anna: AsyncClient, begun: dict[str, Any]) -> None:
        self.doors, self.people, self.anna = doors, people, anna
        self.call_id, self.leg = begun["call_id"], f"/api/v1/line/legs/{begun['leg_id']}"

    async def leave(self, content: bytes = SOUND, key: str = KEY, who: AsyncClient | None = None) -> Response:
        headers = {"Content-Type": "audio/webm", "Idempotency-Key": key}
        return await (who or self.anna).post(f"{self.leg}/voicemail", content=content, headers=headers)

    async def keep_place(self) -> Response:
        return await self.anna.post(f"{self.leg}/callback-wish")

    async def vera(self) -> AsyncClient:
        return await self.doors.browser(self.people.vera, Role.SUPERVISOR)

    async def sql(self, statement: str) -> Any:
        async with self.doors.app.state.database.transaction() as session:
            return (await session.execute(text(statement))).scalar()

    async def chosen(self) -> Any:
        return await self.sql("SELECT array_agg(payload->'news'->>'stage') FROM outbox WHERE kind = 'signal_call'")


@pytest.fixture
async def night(doors: Doors, fresh_people: People) -> Night:
    anna = await doors.nobody()
    asked = StartLineCall(number=ANNA_NUMBER, dialled=HOTLINE).model_dump()
    begun = (await anna.post("/api/v1/line/calls", json=asked, headers={"Idempotency-Key": str(uuid4())})).json()
    at = datetime.now(UTC) - timedelta(minutes=3)
    call = Call(id=UUID(begun["call_id"]), number=ANNA_NUMBER, confirmed=False, stage=CallStage.CHOOSING)
    call.queue_id, call.started_at, call.queued_at = fresh_people.queue.id, at, at
    async with doors.app.state.database.transaction() as session:
        session.add(call)
        (await session.get_one(LineLeg, UUID(begun["leg_id"]))).state = LegState.CHOOSING
    return Night(doors, fresh_people, anna, begun)


async def test_a_message_is_kept_once_and_ends_the_call(night: Night) -> None:
    first = await night.leave()
    assert (first.status_code, first.json()["call_id"]) == (201, night.call_id)
    assert (await night.leave()).json() == first.json()
    assert (await night.leave(key="another-key-of-the-page")).status_code == 409
    assert (await night.keep_place()).status_code == 409
    assert await night.chosen() == ["voicemail"]
    leg = (await night.anna.get(night.leg)).json()
    assert (leg["state"], leg["ended_by"]) == ("ended", "voicemail")
    assert await night.sql("SELECT (number, queue_id IS NOT NULL, state)::text FROM voicemail") == (
        f"({ANNA_NUMBER},t,open)"
    )
    assert await night.sql("SELECT count(*) FROM outbox WHERE kind = 'run_job'") == 1


async def test_a_place_is_kept_once_and_ends_the_call(night: Night) -> None:
    first = await night.keep_place()
    assert (first.status_code, (await night.keep_place()).json()) == (201, first.json())
    assert (await night.leave()).status_code == 409
    assert await night.chosen() == ["callback"]
    (wish,) = (await (await night.vera()).get(WISH)).json()["items"]
    assert (wish["number"], wish["confirmed"], wish["queued_at"]) == (ANNA_NUMBER, False, first.json()["queued_at"])


async def test_the_page_is_told_why_it_is_asked(night: Night) -> None:
    choice = (await night.anna.get(night.leg)).json()["choice"]
    assert choice == {"closed": False, "opens_at": None, "seconds": 60}
    await night.sql("""UPDATE queue SET hours = '{"mon": []}' RETURNING 1""")
    assert (await night.anna.get(night.leg)).json()["choice"] == {"closed": True, "opens_at": None, "seconds": 60}


async def test_what_is_no_message_is_refused(night: Night) -> None:
    for content, status in ((b"RIFF" + SOUND, 422), (b"", 422), (SOUND + bytes(960 * 1024), 413), (bytes(2**21), 413)):
        assert (await night.leave(content)).status_code == status
    assert (await night.leave(key="short")).status_code == 422
    assert await night.sql("SELECT count(*) FROM voicemail") == 0


async def test_nobody_leaves_anothers_message(night: Night) -> None:
    other = await night.doors.nobody()
    assert (await night.leave(who=other)).status_code == 401
    other.headers["Authorization"] = "Bearer a-secret-that-is-of-no-leg"
    assert (await night.leave(who=other)).status_code == 404
    assert (await night.leave(who=await night.doors.browser(night.people.olga))).status_code == 404
    assert await night.sql("SELECT count(*) FROM voicemail") == 0


async def test_who_is_not_asked_leaves_nothing(night: Night) -> None:
    await night.sql("UPDATE line_leg SET state = 'talking' RETURNING 1")
    assert [(await night.leave()).status_code, (await night.keep_place()).status_code] == [409, 409]


async def test_the_supervisor_lists_and_hears_it(night: Night) -> None:
    kept, vera = (await night.leave()).json(), await night.vera()
    (new,) = (await vera.get(MESSAGE, params={"heard": False, "q": "916 123"})).json()["items"]
    assert (new["id"], new["queue"], new["heard_by"]) == (kept["id"], night.people.queue.name, None)
    play = {"play": str(uuid4())}
    for span, status, content in (("bytes=0-", 206, SOUND), ("bytes=4-9", 206, SOUND[4:10])):
        answer = await vera.get(f"{MESSAGE}/{kept['id']}/sound", params=play, headers={"Range": span})
        assert (answer.status_code, answer.content) == (status, content)
    assert await night.sql("SELECT count(*) FROM audit WHERE thing = 'voicemail' AND verb = 'listen'") == 1
    assert (await vera.get(MESSAGE, params={"heard": False})).json()["items"] == []
    (heard,) = (await vera.get(MESSAGE, params={"heard": True})).json()["items"]
    assert heard["heard_by"] == night.people.vera.full_name


async def test_nobody_else_hears_or_sees_it(night: Night) -> None:
    kept = (await night.leave()).json()
    for who in (night.people.olga, night.people.admin, night.people.stranger):
        client = await night.doors.browser(who)
        for address in (MESSAGE, WISH, f"{MESSAGE}/{kept['id']}/sound", "/voicemails"):
            assert (await client.get(address)).status_code == 403
    assert (await (await night.vera()).get(f"{MESSAGE}/{uuid4()}/sound")).status_code == 404
    assert await night.sql("SELECT heard_at FROM voicemail") is None


async def test_the_pages_show_it(night: Night) -> None:
    await night.leave()
    vera = await night.vera()
    page = (await vera.get("/voicemails")).text
    for words in ("+7 (916) 123-45-67", "номер не подтверждён", "Новое", "Прослушать сообщение", "новых"):
        assert words in page
    assert "+7 (916)" not in (await vera.get("/voicemails", params={"heard": "heard"})).text
    assert "/sound?play=" in (await vera.get(f"/calls/{night.call_id}/voicemail")).text
    assert "Прослушать сообщение" in (await vera.get("/journal")).text
