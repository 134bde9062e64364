"""Pieces come from the operator's own page; the sound goes to the supervisor, in parts, each listening noted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from schemas.line import LegSide, LegState
from schemas.recording import Joined
from schemas.staff import Role
from services.recording import LARGEST
from store import recording
from store.line import LineLeg
from tests.calls import Calls
from tests.doors import Doors
from tests.people import People

SOUND = bytes(range(256)) * 8
RECORDING = uuid4()
PARTS = (
    ("bytes=0-", 206, SOUND, "bytes 0-2047/2048"),
    ("bytes=100-199", 206, SOUND[100:200], "bytes 100-199/2048"),
    ("bytes=2000-9999", 206, SOUND[2000:], "bytes 2000-2047/2048"),
    ("bytes=-48", 206, SOUND[-48:], "bytes 2000-2047/2048"),
    ("bytes=2048-", 416, b"", "bytes */2048"),
    ("bytes=-0", 416, b"", "bytes */2048"),
    ("bytes=0-1,5-6", 200, SOUND, ""),
    ("lines=1-2", 200, SOUND, ""),
)
"""What a Range header asks for, and what comes."""


class Talk:
    """A talk of Ольга with Анна, and who wants to do what with its recording."""

    def __init__(self, doors: Doors, people: People, call_id: UUID, leg_id: UUID) -> None:
        self.doors, self.people, self.call_id, self.leg_id = doors, people, call_id, leg_id
        self.address = f"/api/v1/calls/{call_id}/recordings"

    async def send(self, who: AsyncClient, seq: int = 0, content: bytes = SOUND, **query: Any) -> Response:
        address = f"/api/v1/line/legs/{self.leg_id}/recordings/{RECORDING}/{seq}"
        return await who.put(address, content=content, params=query, headers={"Content-Type": "audio/webm"})

    async def ready(self) -> str:
        """The recording is sent and joined; return where it plays."""
        assert (await self.send(await self.doors.browser(self.people.olga), last=True)).status_code == 204
        await self.doors.app.state.objects.put("recordings/joined.webm", SOUND)
        async with self.doors.app.state.database.transaction() as session:
            row = await recording.find(session, RECORDING)
            made = Joined(object="recordings/joined.webm", size=len(SOUND), seconds=5, lost=(3,))
            assert row
            assert await recording.settle(session, row, 1, made)
        return f"{self.address}/{RECORDING}"

    async def vera(self) -> AsyncClient:
        return await self.doors.browser(self.people.vera, Role.SUPERVISOR)

    async def sql(self, statement: str) -> Any:
        async with self.doors.app.state.database.transaction() as session:
            return (await session.execute(text(statement))).scalar()

    async def listenings(self) -> Any:
        return await self.sql("SELECT count(*) FROM audit WHERE thing = 'recording' AND verb = 'listen'")


@pytest.fixture
async def talk(doors: Doors, fresh_people: People) -> Talk:
    async with doors.app.state.database.transaction() as session:
        call = await Calls(session, fresh_people).served()
        citizen = LineLeg(id=uuid4(), call_id=call.id, side=LegSide.CITIZEN, state=LegState.TALKING)
        desk = fresh_people.desk(fresh_people.olga).id
        leg = LineLeg(id=uuid4(), call_id=call.id, side=LegSide.OPERATOR, state=LegState.TALKING, desk_id=desk)
        leg.peer_id, leg.answered_at = citizen.id, datetime.now(UTC)
        session.add_all([citizen, leg])
    return Talk(doors, fresh_people, call.id, leg.id)


async def test_pieces_are_kept_once_and_the_last_has_them_joined(talk: Talk) -> None:
    olga = await talk.doors.browser(talk.people.olga)
    for seq, more in ((0, {}), (0, {}), (1, {}), (2, {"content": b"", "last": True, "age": 7.5})):
        assert (await talk.send(olga, seq, **more)).status_code == 204
    assert await talk.sql("SELECT (segments, ended_at IS NOT NULL)::text FROM recording") == "(2,t)"
    assert await talk.sql("SELECT count(*) FROM outbox WHERE kind = 'run_job'") == 1
    assert await talk.doors.app.state.objects.get(f"recordings/{RECORDING}/00001.part") == SOUND


async def test_a_program_records_as_a_page_does(talk: Talk) -> None:
    assert (await talk.send(await talk.doors.program(talk.people.olga))).status_code == 204


async def test_nobody_records_anothers_talk(talk: Talk) -> None:
    olga = await talk.doors.browser(talk.people.olga)
    olga.headers.pop("X-CSRF-Token")
    assert (await talk.send(olga)).status_code == 403
    for who, status in ((talk.people.pyotr, 404), (talk.people.vera, 404), (talk.people.stranger, 403)):
        assert (await talk.send(await talk.doors.browser(who))).status_code == status
    assert (await talk.send(await talk.doors.nobody())).status_code == 401
    assert await talk.sql("SELECT count(*) FROM recording") == 0


async def test_a_talk_that_its_queue_does_not_record_is_refused(talk: Talk) -> None:
    await talk.sql("UPDATE queue SET recorded = false RETURNING 1")
    refused = await talk.send(await talk.doors.browser(talk.people.olga))
    assert (refused.status_code, refused.json()["detail"]) == (409, "Этот разговор не записывается.")


async def test_a_piece_comes_an_hour_after_the_talk_at_the_latest(talk: Talk) -> None:
    olga = await talk.doors.browser(talk.people.olga)
    await talk.sql("UPDATE line_leg SET ended_at = now() - interval '59 minutes' RETURNING 1")
    assert (await talk.send(olga)).status_code == 204
    await talk.sql("UPDATE line_leg SET ended_at = now() - interval '61 minutes' RETURNING 1")
    assert (await talk.send(olga, 1)).status_code == 409


async def test_a_piece_too_large_or_out_of_bounds_is_refused(talk: Talk) -> None:
    olga = await talk.doors.browser(talk.people.olga)
    assert (await talk.send(olga, content=bytes(LARGEST + 1))).status_code == 413
    assert (await talk.send(olga, seq=20_001)).status_code == 422


async def test_the_supervisor_sees_and_plays_it(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    (shown,) = (await vera.get(talk.address)).json()
    assert (shown["employee"], shown["seconds"], shown["lost"]) == (talk.people.olga.full_name, 5, [3])
    whole = await vera.get(address)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, SOUND, "audio/webm")
    assert (whole.headers["accept-ranges"], whole.headers["cache-control"]) == ("bytes", "no-store")


async def test_a_part_is_what_was_asked_for(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    for asked, status, part, told in PARTS:
        answer = await vera.get(address, headers={"Range": asked})
        assert (answer.status_code, answer.content, answer.headers.get("content-range", "")) == (status, part, told)


async def test_a_part_of_other_bytes_is_not_mixed_in(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    tag = (await vera.get(address)).headers["etag"]
    for known, status in ((tag, 206), ('"another"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": known}
        assert (await vera.get(address, headers=headers)).status_code == status


async def test_a_play_is_one_listening_however_many_requests_it_takes(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    for key, count in (("a", 1), ("a", 1), ("b", 2), (None, 3), (None, 4)):
        play = {"play": str(uuid4()) if key is None else f"{key * 8}-0000-4000-8000-000000000000"}
        await vera.get(address, params=play if key else {}, headers={"Range": "bytes=5-9"})
        assert await talk.listenings() == count
    noted = await talk.sql("SELECT details->>'call' || actor_id FROM audit WHERE verb = 'listen' LIMIT 1")
    assert noted == f"{talk.call_id}{talk.people.vera.id}"


async def test_a_key_of_an_old_play_is_a_listening_again(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    for _ in range(2):
        await vera.get(address, params={"play": str(RECORDING)})
        await talk.sql("UPDATE recording_listening SET at = at - interval '2 hours' RETURNING 1")
    assert await talk.listenings() == 2


async def test_nobody_else_hears_or_sees_it(talk: Talk) -> None:
    address = await talk.ready()
    for who in (talk.people.olga, talk.people.admin, talk.people.stranger):
        client = await talk.doors.browser(who)
        assert [(await client.get(one)).status_code for one in (address, talk.address)] == [403, 403]
    vera = await talk.vera()
    for strange in (f"{talk.address}/{uuid4()}", f"/api/v1/calls/{uuid4()}/recordings/{RECORDING}"):
        assert (await vera.get(strange)).status_code == 404
    assert await talk.listenings() == 0


async def test_a_sound_whose_bytes_are_gone_is_not_found(talk: Talk) -> None:
    address, vera = await talk.ready(), await talk.vera()
    await talk.doors.app.state.objects.delete(["recordings/joined.webm"])
    assert (await vera.get(address)).status_code == 404
