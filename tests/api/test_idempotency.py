"""A POST of plain words that is sent twice acts once."""

import asyncio

import pytest
from httpx import AsyncClient

from api.idempotency import ApiOnce
from api.session import ApiFront, right
from schemas.base import Value
from store import audit
from tests.doors import Doors
from tests.people import People

KEY = {"Idempotency-Key": "note-0001"}


class Note(Value):
    """What is written, and its answer: how many there are."""

    text: str
    number: int = 0


@pytest.fixture
async def olga(doors: Doors, fresh_people: People) -> AsyncClient:
    """A program of hers, and a route that counts how often it acted."""
    made: list[str] = []

    async def write(front: ApiFront, note: Note) -> Note:
        made.append(note.text)
        audit.record(front.session, front.actor.employee_id, ("note", "write"), None)
        await asyncio.sleep(0.2)
        if note.text == "плохо":
            raise RuntimeError("before the commit")
        return Note(text=note.text, number=len(made))

    @doors.app.post("/api/v1/notes", dependencies=[right("knowledge.keep_notes")])
    async def write_note(front: ApiFront, note: Note, once: ApiOnce) -> object:
        return await once(lambda: write(front, note), 201)

    return await doors.program(fresh_people.olga)


async def test_a_repeat_gets_the_stored_answer(olga: AsyncClient) -> None:
    first = await olga.post("/api/v1/notes", json={"text": "раз"}, headers=KEY)
    again = await olga.post("/api/v1/notes", json={"text": "раз"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() == {"text": "раз", "number": 1}
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_the_key_of_another_request_is_refused(olga: AsyncClient) -> None:
    await olga.post("/api/v1/notes", json={"text": "раз"}, headers=KEY)
    other = await olga.post("/api/v1/notes", json={"text": "два"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_request_under_way_is_not_begun_again(olga: AsyncClient) -> None:
    twice = (olga.post("/api/v1/notes", json={"text": "раз"}, headers=KEY) for _ in range(2))
    assert sorted(answer.status_code for answer in await asyncio.gather(*twice)) == [201, 409]


async def test_what_failed_before_its_commit_may_be_repeated(olga: AsyncClient) -> None:
    failed = await olga.post("/api/v1/notes", json={"text": "плохо"}, headers=KEY)
    after = await olga.post("/api/v1/notes", json={"text": "хорошо"}, headers=KEY)
    assert (failed.status_code, after.status_code) == (500, 201)


async def test_without_a_key_every_request_acts(olga: AsyncClient) -> None:
    answers = [await olga.post("/api/v1/notes", json={"text": "раз"}) for _ in range(2)]
    assert [answer.json()["number"] for answer in answers] == [1, 2]


async def test_the_key_of_another_person_is_another_key(doors: Doors, fresh_people: People, olga: AsyncClient) -> None:
    await olga.post("/api/v1/notes", json={"text": "раз"}, headers=KEY)
    pyotr = await doors.program(fresh_people.pyotr)
    assert (await pyotr.post("/api/v1/notes", json={"text": "раз"}, headers=KEY)).json()["number"] == 2
