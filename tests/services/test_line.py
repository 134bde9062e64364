"""A citizen's call begins once, strangers see nothing, and what browsers send each other is bounded."""

import contextlib
from contextlib import nullcontext
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.errors import Conflict, Invalid, NotFound, Throttled
from schemas.line import LegSide, LegState, LineCall, SendSignal, SignalKind, StartLineCall
from schemas.staff import Actor, Role
from services import line as service
from services.line import LineFront
from store import line_ring
from store.line import LineLeg
from store.staff import Employee
from tests.people import ANNA_NUMBER, HOTLINE, People

KEY = "a-key-of-the-page-1"
OFFER = SendSignal(kind=SignalKind.OFFER, attempt="first", body={"sdp": "v=0", "rest": "dropped"})


@pytest.fixture
async def front(session: AsyncSession, people: People, valkey: Redis) -> LineFront:
    return LineFront(session, partial(nullcontext, session), valkey, b"pepper", address="203.0.113.7")


def asked(number: str = "8 (916) 123-45-67", dialled: str = "") -> StartLineCall:
    return StartLineCall(number=number, dialled=dialled)


def actor_of(employee: Employee, people: People) -> Actor:
    desk = people.desks.get(employee.login)
    role = Role(employee.roles[0])
    return Actor(
        employee_id=employee.id,
        session_id=uuid4(),
        role=role,
        roles=(role,),
        full_name=employee.full_name,
        desk_id=desk.id if desk else None,
    )


async def rung(front: LineFront, people: People) -> tuple[LineCall, UUID]:
    """Анна has called and it rings at Ольга's desk."""
    call = await service.start_call(front, asked(), KEY)
    leg = LineLeg(id=uuid4(), call_id=call.call_id, side=LegSide.OPERATOR, offer_token=uuid4())
    leg.desk_id = people.desk(people.olga).id
    leg.peer_id = call.leg_id
    await line_ring.ring(front.session, leg)
    return call, leg.id


async def test_a_call_begins_once_however_often_it_is_asked_for(front: LineFront) -> None:
    first = await service.start_call(front, asked(), KEY)
    assert await service.start_call(front, asked("+79161234567", HOTLINE), KEY) == first
    await front.session.flush()
    (payload,) = (await front.session.execute(text("SELECT payload FROM outbox WHERE kind = 'start_call'"))).scalars()
    assert (payload["number"], payload["dialled"], payload["confirmed"]) == (ANNA_NUMBER, HOTLINE, False)


async def test_the_key_of_another_call_is_refused(front: LineFront) -> None:
    await service.start_call(front, asked(), KEY)
    with pytest.raises(Conflict):
        await service.start_call(front, asked("+79160000000"), KEY)


@pytest.mark.parametrize(
    ("number", "dialled", "field"), [("12 34", "", "number"), (ANNA_NUMBER, "+74950000000", "dialled")]
)
async def test_bad_numbers_are_refused_at_their_field(front: LineFront, number: str, dialled: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await service.start_call(front, asked(number, dialled), KEY)
    assert list(refused.value.fields) == [field]


async def test_one_number_cannot_flood_the_line(front: LineFront) -> None:
    for n in range(service.PER_NUMBER):
        await service.start_call(front, asked(), f"{KEY}{n}")
    with pytest.raises(Throttled):
        await service.start_call(front, asked(), f"{KEY}-more")


async def test_one_address_cannot_flood_the_line(front: LineFront) -> None:
    for n in range(service.PER_ADDRESS):
        await service.start_call(front, asked(f"+7916123{n:04}"), f"{KEY}{n}")
    with pytest.raises(Throttled):
        await service.start_call(front, asked("+79161239999"), f"{KEY}-more")


async def test_the_count_of_an_address_always_ends(front: LineFront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redis, "expire", None)  # a process that dies before it has said when to forget
    with contextlib.suppress(TypeError):
        await service.start_call(front, asked(), KEY)
    (name,) = await front.valkey.keys("pult:line:*")
    assert 0 < await front.valkey.ttl(name) <= 60


async def test_a_lost_counter_does_not_cost_a_call(session: AsyncSession, people: People) -> None:
    away = Redis(port=1, socket_connect_timeout=0.1)
    nowhere = LineFront(session, partial(nullcontext, session), away, b"pepper")
    assert await service.start_call(nowhere, asked(), KEY)


async def test_the_operator_answers_and_the_offer_reaches_the_citizen(front: LineFront, people: People) -> None:
    call, leg_id = await rung(front, people)
    olga, anna = front.of(actor=actor_of(people.olga, people)), front.of(secret=call.token)
    assert (await service.answer(olga, leg_id, OFFER)).state is LegState.TALKING
    assert (await service.answer(olga, leg_id, OFFER)).state is LegState.TALKING, "a repeat is harmless"
    view = await service.get_leg(anna, call.leg_id)
    assert [(signal.kind, signal.body) for signal in view.signals] == [(SignalKind.OFFER, {"sdp": "v=0"})]
    assert view.peer is None
    with pytest.raises(Conflict):
        await service.answer(olga, leg_id, OFFER.model_copy(update={"attempt": "second"}))


async def test_signals_go_both_ways_until_the_end(front: LineFront, people: People) -> None:
    call, leg_id = await rung(front, people)
    olga, anna = front.of(actor=actor_of(people.olga, people)), front.of(secret=call.token)
    candidate = SendSignal(kind=SignalKind.CANDIDATE, attempt="first", body={"candidate": "c", "sdpMLineIndex": 0})
    with pytest.raises(Conflict):
        await service.send_signal(anna, call.leg_id, candidate)
    await service.answer(olga, leg_id, OFFER)
    await service.send_signal(anna, call.leg_id, candidate)
    assert (await service.get_leg(olga, leg_id)).signals[0].body == {"candidate": "c", "sdpMLineIndex": 0}
    await service.hang_up(anna, call.leg_id)
    await service.hang_up(anna, call.leg_id)
    with pytest.raises(Conflict):
        await service.send_signal(olga, leg_id, candidate)


async def test_strangers_find_no_leg(front: LineFront, people: People) -> None:
    call, leg_id = await rung(front, people)
    other = await service.start_call(front, asked("+79160000000"), f"{KEY}-other")
    for stranger in (front, *(front.of(actor=actor_of(who, people)) for who in (people.pyotr, people.stranger))):
        for leg in (call.leg_id, leg_id):
            with pytest.raises(NotFound):
                await service.get_leg(stranger, leg)
    with pytest.raises(NotFound):
        await service.get_leg(front.of(secret=other.token), call.leg_id)
    with pytest.raises(Conflict):
        await service.answer(front.of(secret=call.token), call.leg_id, OFFER)


@pytest.mark.parametrize(
    "body", [{}, {"sdp": 1.5}, {"sdp": "x" * 70_000}, {"sdp": "a\x00b"}, {"sdp": "\ud800"}, {"sdp": {"deep": 1}}]
)
async def test_a_misshapen_signal_is_refused(front: LineFront, people: People, body: dict[str, Any]) -> None:
    _, leg_id = await rung(front, people)
    olga = front.of(actor=actor_of(people.olga, people))
    with pytest.raises(Invalid):
        await service.answer(olga, leg_id, SendSignal(kind=SignalKind.OFFER, attempt="first", body=body))


async def test_an_attempt_has_only_so_many_signals(front: LineFront, people: People) -> None:
    call, leg_id = await rung(front, people)
    await service.answer(front.of(actor=actor_of(people.olga, people)), leg_id, OFFER)
    anna = front.of(secret=call.token)
    candidate = SendSignal(kind=SignalKind.CANDIDATE, attempt="first", body={"candidate": "c"})
    for _ in range(service.PER_ATTEMPT):
        await service.send_signal(anna, call.leg_id, candidate)
    with pytest.raises(Conflict):
        await service.send_signal(anna, call.leg_id, candidate)


async def test_a_hang_up_while_it_rings_refuses_the_ring(front: LineFront, people: People) -> None:
    call, leg_id = await rung(front, people)
    olga = front.of(actor=actor_of(people.olga, people))
    await service.hang_up(olga, leg_id)
    await service.decline(olga, leg_id)
    assert (await service.get_leg(front.of(secret=call.token), call.leg_id)).state is LegState.WAITING
