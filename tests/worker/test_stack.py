"""`pult up` as a person sees it: it starts, it stops, it survives, it says what is wrong."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.worker.running import Running, until
from worker.place import Place, free_port

# Three whole starts fit into the longest of these.
pytestmark = [pytest.mark.timeout(180), pytest.mark.kills]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "var")
    yield running
    running.kill()


async def on_database(running: Running, statement: str) -> object:
    url = running.place.left_environment()["DATABASE__URL"].replace("+asyncpg", "").replace("ssl=", "sslmode=")
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_sigterm_leaves_no_process(running: Running) -> None:
    running.started().send(signal.SIGTERM)
    assert running.wait() == 0
    assert running.is_gone(0.5)
    assert "Пульт остановлен." in running.said()


def test_killing_only_the_supervisor_leaves_no_orphans(running: Running) -> None:
    running.started()
    assert len(running.remnants()) > len(("postgres", "valkey", "temporal", "web", "worker", "documents", "relay"))
    running.send(signal.SIGKILL)
    assert running.is_gone(5)


def test_what_was_acknowledged_is_there_after_everything_is_killed(running: Running) -> None:
    running.started()
    insert = "INSERT INTO queue (name, priority, ring_seconds, misses_to_break) VALUES ('Записано', 0, 20, 3)"
    asyncio.run(on_database(running, f"{insert} RETURNING name"))
    running.kill()
    running.started()
    assert asyncio.run(on_database(running, "SELECT count(*) FROM queue WHERE name = 'Записано'")) == 1
    assert asyncio.run(on_database(running, "SELECT count(*) FROM alembic_version")) == 1


def test_a_busy_port_is_left_and_said(running: Running) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", running.port))
        stranger.listen()
        running.started()
    assert f"Порт {running.port} занят" in running.said()
    assert running.place.left_environment()["WEB__PORT"] != str(running.port)


def test_a_second_start_is_refused(running: Running, tmp_path: Path) -> None:
    running.started()
    second = Running(running.place.root, free_port())
    second.output = tmp_path / "second.output"
    assert second.start().wait() == 1
    assert running.popen
    assert second.said() == f"Пульт уже запущен (pid {running.popen.pid}).\n"


def test_what_falls_comes_back(running: Running) -> None:
    running.started()
    fallen = running.kill_programs("postgres -D", "worker.cli web")
    assert len(fallen) == 2
    assert until(lambda: len(running.programs("postgres -D", "worker.cli web")) == 2, 20)
    assert not set(fallen) & set(running.programs("postgres -D", "worker.cli web"))
    assert "PostgreSQL остановился (код -9)" in running.said()
    assert "web остановился (код -9)" in running.said()


def test_a_port_taken_meanwhile_is_given_up(tmp_path: Path) -> None:
    place = Place(tmp_path / "var")
    port = place.port("postgres")
    assert place.port("postgres") == port
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        assert place.port("postgres") != port
