"""The doors of the web line: a citizen by the secret of his leg, an operator by his session, nobody else."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from schemas.line import LegSide
from store import line_ring
from store.line import LineLeg
from tests.doors import Doors
from tests.people import HOTLINE, People

CALLS, LEGS = "/api/v1/line/calls", "/api/v1/line/legs"
KEY = {"Idempotency-Key": "a-key-of-the-page-1"}
ASKED = {"number": "8 916 123-45-67", "dialled": HOTLINE}
OFFER = {"kind": "offer", "attempt": "first", "body": {"sdp": "v=0"}}


@pytest.fixture
async def anna(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.nobody()


async def call(client: AsyncClient) -> dict[str, Any]:
    answer = await client.post(CALLS, json=ASKED, headers=KEY)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def ring(doors: Doors, people: People, made: dict[str, Any]) -> UUID:
    """The call rings at Ольга's desk."""
    leg = LineLeg(id=uuid4(), call_id=UUID(made["call_id"]), side=LegSide.OPERATOR, offer_token=uuid4())
    leg.desk_id = people.desk(people.olga).id
    async with doors.app.state.database.transaction() as session:
        leg.peer_id = UUID(made["leg_id"])
        await line_ring.ring(session, leg)
    return leg.id


async def test_a_call_is_the_same_for_the_same_key_and_its_cookie_opens_its_leg_alone(anna: AsyncClient) -> None:
    made = await call(anna)
    assert await call(anna) == made
    (cookie,) = anna.cookies.jar
    assert (cookie.name, cookie.path) == ("leg", f"{LEGS}/{made['leg_id']}")
    assert cookie.has_nonstandard_attr("HttpOnly")
    leg = await anna.get(f"{LEGS}/{made['leg_id']}")
    assert (leg.status_code, leg.json()["state"], leg.headers["cache-control"]) == (200, "waiting", "no-store")


async def test_the_secret_works_as_a_bearer_too(doors: Doors, anna: AsyncClient) -> None:
    made = await call(anna)
    program = await doors.nobody()
    address = f"{LEGS}/{made['leg_id']}"
    assert (await program.get(address)).status_code == 401
    assert (await program.get(address, headers={"Authorization": "Bearer wrong"})).status_code == 404
    assert (await program.get(address, headers={"Authorization": f"Bearer {made['token']}"})).status_code == 200


async def test_a_bad_number_is_refused_at_its_field(anna: AsyncClient) -> None:
    refused = await anna.post(CALLS, json={"number": "12 34"}, headers=KEY)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/number")
    assert (await anna.post(CALLS, json=ASKED)).status_code == 422, "a call needs its key"


async def test_another_site_cannot_call_for_a_visitor(anna: AsyncClient) -> None:
    headers = {**KEY, "Sec-Fetch-Site": "cross-site"}
    assert (await anna.post(CALLS, json=ASKED, headers=headers)).status_code == 403


async def test_the_operator_answers_by_page_or_program(doors: Doors, fresh_people: People, anna: AsyncClient) -> None:
    made = await call(anna)
    address = f"{LEGS}/{await ring(doors, fresh_people, made)}"
    olga = await doors.browser(fresh_people.olga)
    assert (await olga.get(address)).json()["state"] == "ringing"
    assert (await olga.post(f"{address}/answer", json=OFFER)).json()["state"] == "talking"
    view = (await anna.get(f"{LEGS}/{made['leg_id']}", params={"after": 0})).json()
    assert [signal["body"] for signal in view["signals"]] == [{"sdp": "v=0"}]
    candidate = {"kind": "candidate", "attempt": "first", "body": {"candidate": "c"}}
    assert (await anna.post(f"{LEGS}/{made['leg_id']}/signals", json=candidate)).status_code == 204
    program = await doors.program(fresh_people.olga)
    assert (await program.delete(address)).status_code == 204


async def test_a_late_answer_is_a_conflict_in_words(doors: Doors, fresh_people: People, anna: AsyncClient) -> None:
    made = await call(anna)
    address = f"{LEGS}/{await ring(doors, fresh_people, made)}"
    await anna.delete(f"{LEGS}/{made['leg_id']}")
    late = await (await doors.browser(fresh_people.olga)).post(f"{address}/answer", json=OFFER)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert late.json()["detail"].startswith("Вызов уже не звонит")


async def test_strangers_find_nothing(doors: Doors, fresh_people: People, anna: AsyncClient) -> None:
    address = f"{LEGS}/{await ring(doors, fresh_people, await call(anna))}"
    for who in (fresh_people.pyotr, fresh_people.stranger, fresh_people.admin):
        assert (await (await doors.browser(who)).delete(address)).status_code == 404
        assert (await (await doors.program(who)).get(address)).status_code == 404


async def test_a_page_of_the_operator_needs_its_token(doors: Doors, fresh_people: People, anna: AsyncClient) -> None:
    address = f"{LEGS}/{await ring(doors, fresh_people, await call(anna))}"
    olga = await doors.browser(fresh_people.olga)
    olga.headers.pop("X-CSRF-Token")
    assert (await olga.post(f"{address}/decline")).status_code == 403


async def test_a_lost_page_gives_music_and_a_found_one_the_voice(
    doors: Doors, fresh_people: People, anna: AsyncClient
) -> None:
    made = await call(anna)
    mine, his = f"{LEGS}/{made['leg_id']}", f"{LEGS}/{await ring(doors, fresh_people, made)}"
    olga = await doors.browser(fresh_people.olga)
    await olga.post(f"{his}/answer", json=OFFER)
    for gone, back in ((olga.post(f"{his}/lost"), "offer"), (anna.post(f"{mine}/lost"), "found")):
        assert (await gone).status_code == 204
        assert (await anna.get(mine)).json()["state"] == "parked"
        again = {**OFFER, "attempt": "second"}
        returned = olga.post(f"{his}/signals", json=again) if back == "offer" else anna.delete(f"{mine}/lost")
        assert (await returned).status_code == 204
        assert (await anna.get(mine)).json()["state"] == "talking"
    assert (await (await doors.browser(fresh_people.pyotr)).post(f"{his}/lost")).status_code == 404
