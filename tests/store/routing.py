"""What the machine of routing is made of: a centre in a real database, one transaction an act."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import RenewPresence
from store import desk, queue
from store.session import Database
from tests.people import settle

TABLES = (
    "call_event", "call_reason", "offer", "serving", "call", "desk_presence", "desk_interval", "desk",
    "queue_member", "queue_number", "queue", "employee", "reason", "outbox",
)  # fmt: skip


class RoutingTable(RuleBasedStateMachine):
    """A centre with three desks on one queue, and what may be asked of it."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.database = Database(self.url, pool_size=1)

    def teardown(self) -> None:
        self.loop.run(self.database.close())
        self.loop.close()

    def do(self, act: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async def in_transaction() -> Any:
            async with self.database.transaction() as session:
                return await act(session)

        return self.loop.run(in_transaction())

    def all(self, statement: str) -> list[Any]:
        async def look(session: AsyncSession) -> list[Any]:
            return list((await session.execute(text(statement))).all())

        found: list[Any] = self.do(look)
        return found

    def settle_in(self) -> None:
        async def settle_all(session: AsyncSession) -> None:
            for table in TABLES:
                await session.execute(text(f"DELETE FROM {table}"))
            people = await settle(session)
            session.add(queue.QueueMember(queue_id=people.queue.id, employee_id=people.vera.id))
            await session.execute(text("INSERT INTO reason (name, position) VALUES ('Жалоба', 1)"))
            self.desks = []
            for login in ("olga", "pyotr", "vera"):
                self.desks.append(await desk.enter(session, getattr(people, login).id))
                await desk.renew(session, self.desks[-1], RenewPresence(phone_id=UUID(int=len(self.desks))))
            await session.execute(text("UPDATE desk_presence SET lease_until = 'infinity'"))

        self.do(settle_all)

    def open_offers(self) -> list[Any]:
        return self.all(
            "SELECT o.token, o.call_id FROM offer o JOIN serving s ON s.id = o.serving_id "
            "WHERE o.state IN ('made', 'ringing') AND s.role = 'main' ORDER BY o.made_at"
        )

    def open_targets(self) -> list[Any]:
        return self.all(
            "SELECT o.token, o.call_id, s.employee_id, s.role = 'consult' AS consult FROM offer o "
            "JOIN serving s ON s.id = o.serving_id WHERE o.state IN ('made', 'ringing') AND s.role <> 'main'"
        )

    def talking(self) -> list[Any]:
        """The talks that nobody is handing over."""
        return self.all(
            "SELECT id, employee_id FROM call c WHERE stage = 'talking' AND NOT EXISTS "
            "(SELECT FROM offer o WHERE o.call_id = c.id AND o.state IN ('made', 'ringing')) ORDER BY id"
        )
