"""The way to a process that does not answer: in words, and at nobody else's cost."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.client import Client

from schemas.call_order import HangUp
from schemas.errors import Busy
from schemas.staff import Actor, Role
from services import process
from services.front import Front
from store.session import Database
from workflows.call import CallWorkflow

OLGA = Actor(
    employee_id=uuid4(), session_id=uuid4(), role=Role.OPERATOR, roles=(Role.OPERATOR,), full_name="Ольга", desk_id=None
)
ORDER = HangUp(key="hang-up-1", actor_id=OLGA.employee_id)


class Silent:
    """Processes that never answer; it looks how many connections wait with them."""

    def __init__(self, database: Database) -> None:
        self.pool: Any = database.engine.pool
        self.held: list[int] = []

    def get_workflow_handle(self, workflow_id: str) -> "Silent":
        return self

    async def execute_update(self, *args: Any, **options: Any) -> None:
        self.held.append(self.pool.checkedout())
        await asyncio.sleep(60)

    async def query(self, *args: Any, **options: Any) -> None:
        self.held.append(self.pool.checkedout())
        raise TimeoutError


async def test_whoever_waits_for_a_process_holds_no_connection(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PATIENCE", 0.1)
    silent: Any = Silent(fresh_database)
    async with fresh_database.transaction() as session:
        front = Front(OLGA, session, silent)
        await session.execute(text("SELECT 1"))
        with pytest.raises(Busy):
            await process.give_order(front, "call-1", CallWorkflow.hang_up, ORDER, ORDER.key)
        await session.execute(text("SELECT 1"))
        assert await process.ask(front, "call-1", CallWorkflow.current_state) is None
        assert (await session.execute(text("SELECT 1"))).scalar() == 1, "the session goes on"
    assert silent.held == [0, 0]


async def test_a_server_that_was_never_reached_is_busy_not_a_mistake(fresh_database: Database) -> None:
    nowhere = await Client.connect("127.0.0.1:1", lazy=True)
    async with fresh_database.transaction() as session:
        front = Front(OLGA, session, nowhere)
        with pytest.raises(Busy):
            await process.give_order(front, "call-1", CallWorkflow.hang_up, ORDER, ORDER.key)
        assert await process.ask(front, "call-1", CallWorkflow.current_state) is None
