"""Health: alive, ready, figures; details stay inside the house."""

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient

from services.health import RELAY_ALIVE
from store import outbox
from tests.doors import ADDRESS, Doors
from tests.people import People


def inside(doors: Doors, address: str = "127.0.0.1", **headers: str) -> AsyncClient:
    transport = ASGITransport(doors.app, client=(address, 40000))
    return AsyncClient(transport=transport, base_url="http://pult.test", headers=headers)


@pytest.fixture
async def relay(doors: Doors) -> None:
    await doors.app.state.valkey.set(RELAY_ALIVE, "1", ex=30)


async def test_it_lives(doors: Doors) -> None:
    answer = await (await doors.nobody()).get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.usefixtures("relay")
async def test_it_is_ready(doors: Doors) -> None:
    answer = await inside(doors).get("/health/ready")
    assert answer.status_code == 200, answer.text
    things = ("postgres", "valkey", "temporal", "relay", "outbox")
    assert answer.json() == {"status": "ready", "troubles": dict.fromkeys(things)}


@pytest.mark.usefixtures("relay")
async def test_strangers_get_no_details(doors: Doors) -> None:
    for client in (await doors.nobody(), inside(doors, **{"X-Forwarded-For": ADDRESS})):
        assert (await client.get("/health/ready")).json() == {"status": "ready"}
        assert (await client.get("/metrics")).status_code == 404


@pytest.mark.usefixtures("relay")
async def test_an_administrators_program_gets_details(doors: Doors, fresh_people: People) -> None:
    program = await doors.program(fresh_people.admin)
    assert "troubles" in (await program.get("/health/ready")).json()
    operators = await doors.program(fresh_people.olga)
    assert "troubles" not in (await operators.get("/health/ready")).json()


async def test_a_silent_relay_is_red(doors: Doors) -> None:
    await doors.app.state.valkey.delete(RELAY_ALIVE)
    answer = await inside(doors).get("/health/ready")
    assert (answer.status_code, answer.json()["troubles"]["relay"]) == (503, "no sign of life")


@pytest.mark.usefixtures("relay")
async def test_a_parked_row_is_red(doors: Doors) -> None:
    async with doors.app.state.database.transaction() as session:
        outbox.put(session, "call-1", "note", {})
        await session.flush()
        row = (await outbox.claim(session, 1))[0]
        for _ in range(outbox.FAILURES_TO_PARK):
            await outbox.mark_failed(session, row.id, "сбой")
    answer = await inside(doors).get("/health/ready")
    assert (answer.status_code, answer.json()["troubles"]["outbox"]) == (503, "1 parked")


async def test_a_dead_valkey_is_red_soon(doors: Doors) -> None:
    await doors.app.state.valkey.aclose()
    doors.app.state.valkey.connection_pool.connection_kwargs["port"] = 1
    async with asyncio.timeout(4):
        answer = await inside(doors).get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["troubles"]["valkey"] == "ConnectionError"


async def test_figures_name_routes_and_queues(doors: Doors, fresh_people: People) -> None:
    client = inside(doors)
    await client.get("/health/live")
    await client.get("/no/such/place")
    text = (await client.get("/metrics")).text
    assert 'pult_http_requests_total{method="GET",route="/health/live",status="200"}' in text
    assert 'route="unknown",status="404"' in text
    assert f'pult_queue_length{{queue="{fresh_people.queue.name}"}} 0.0' in text
    assert 'pult_desks{state="inactive"} 3.0' in text
    assert "pult_rescued_by_net 0.0" in text
    assert 'pult_messages_oldest_seconds{channel="sms"} 0.0' in text
    assert "/no/such/place" not in text


async def test_figures_may_be_opened(doors: Doors) -> None:
    settings = doors.app.state.settings
    doors.app.state.settings = settings.model_copy(
        update={"web": settings.web.model_copy(update={"metrics_open": True})}
    )
    assert (await (await doors.nobody()).get("/metrics")).status_code == 200
