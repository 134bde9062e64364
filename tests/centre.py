"""A small centre for tests of the call: real database and processes, a fake exchange, the real relay's carriers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text
from temporalio.client import Client, WorkflowHandle

from activities.call import CallActivities, EndTalk
from schemas.call import CallStage, DialOutcome, Party, PlaceCall, StartCall, call_workflow_id
from schemas.call_news import (
    CalleeAnswered,
    CalleeRefused,
    CallerHungUp,
    MediaLost,
    OperatorAnswered,
    OperatorDeclined,
    OperatorHungUp,
    OperatorReturned,
)
from schemas.call_order import Finished, FinishService, HoldCall, Order, ResumeCall, TransferCall
from schemas.call_state import CallState
from schemas.desk import DeskStatus, RenewPresence
from schemas.staff import Actor, Role
from services.call_dial import place_call
from services.front import Front
from store import desk as desk_store
from store import outbox, queue
from store.base import routing_lock
from store.session import Database
from store.staff import Employee
from telephony.fake import FakeExchange
from telephony.port import Dial, Ring
from tests.people import ANNA_NUMBER, HOTLINE, People
from worker import relay_delivery
from worker.relay import Relay
from worker.temporal import call_activities, call_worker, sandboxed_runner

PATIENCE = 10.0
Found = TypeVar("Found")


class Centre:
    """What tests do and see; `exchange` is the only thing that is not real."""

    def __init__(self, database: Database, people: People, temporal: Client) -> None:
        self.database, self.people, self.temporal = database, people, temporal
        self.prefix = f"test-{uuid4().hex[:8]}"
        self.exchange = FakeExchange()

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Centre"]:
        """Run the worker and carry the outbox."""
        holders = call_activities(self.database, self.exchange, ZoneInfo("Europe/Moscow"))
        async with call_worker(self.temporal, self.prefix, holders, sandboxed_runner()), self.carrying():
            yield self

    @asynccontextmanager
    async def carrying(self) -> AsyncIterator[None]:
        """Carry the outbox."""
        carrying = asyncio.create_task(self._carry())
        yield
        carrying.cancel()

    async def _carry(self) -> None:
        relay = Relay(self.database, relay_delivery.addressees(self.temporal, self.prefix))
        while True:
            if not await relay.carry():
                await asyncio.sleep(0.01)

    async def go_on_line(self, *logins: str, status: DeskStatus = DeskStatus.INCOMING) -> None:
        for login in logins or ("olga",):
            employee = getattr(self.people, login)
            async with self.database.transaction() as session:
                desk_id = await desk_store.enter(session, employee.id)
                await desk_store.renew(session, desk_id, RenewPresence(phone_id=uuid4()))
                await routing_lock(session)
                await desk_store.ask_status(session, await desk_store.get(session, desk_id), status)
                await session.flush()
                await queue.match(session)
                await session.execute(
                    text("UPDATE desk_presence SET lease_until = clock_timestamp() + interval '1 hour'")
                )

    async def phone(self, number: str = ANNA_NUMBER) -> UUID:
        """Анна phones in; the call's process starts as the relay starts it."""
        call_id = uuid4()
        inbound = StartCall(
            call_id=call_id, leg_id=f"citizen-{call_id}", number=number, dialled=HOTLINE, at=datetime.now(UTC)
        )
        async with self.database.transaction() as session:
            outbox.start_call(session, inbound, call_id)
        return call_id

    async def ring_of(self, call_id: UUID, nth: int = 1) -> Ring:
        """Wait for the call's nth ring."""

        async def rung() -> Ring | None:
            rings = [ring for ring in self.exchange.rings.values() if ring.call_id == call_id]
            return rings[nth - 1] if len(rings) >= nth else None

        return await until(rung)

    def at(self, ring: Ring) -> Employee:
        """Who sits at the desk that rings."""
        return next(one for one in (self.people.olga, self.people.pyotr) if self.people.desk(one).id == ring.desk_id)

    async def tell(self, call_id: UUID, signal: str, news: Any) -> None:
        async with self.database.transaction() as session:
            outbox.signal_call(session, call_id, signal, news)

    async def answer(self, ring: Ring) -> None:
        at = datetime.now(UTC)
        assert self.exchange.pick_up(ring.leg_id, at), "the ring was over"
        await self.tell(
            ring.call_id, "operator_answered", OperatorAnswered(token=ring.token, leg_id=ring.leg_id, at=at)
        )

    async def decline(self, ring: Ring) -> None:
        self.exchange.decline(ring.leg_id)
        news = OperatorDeclined(token=ring.token, leg_id=ring.leg_id, at=datetime.now(UTC))
        await self.tell(ring.call_id, "operator_declined", news)

    async def citizen_hangs_up(self, call_id: UUID) -> None:
        news = CallerHungUp(leg_id=f"citizen-{call_id}", at=datetime.now(UTC))
        await self.tell(call_id, "caller_hung_up", news)

    async def operator_hangs_up(self, ring: Ring) -> None:
        news = OperatorHungUp(leg_id=ring.leg_id, at=datetime.now(UTC))
        await self.tell(ring.call_id, "operator_hung_up", news)

    async def hang_up_unheard(self, call_id: UUID) -> None:
        """End the talk in the row alone: what a kill leaves after the commit, before the process remembers it."""
        acts = CallActivities(self.database, self.exchange, ZoneInfo("Europe/Moscow"))
        await acts.end_talk(EndTalk(call_id=call_id, at=datetime.now(UTC), by=Party.OPERATOR))

    async def place(self, number: str = ANNA_NUMBER, key: str = "place-key-1", login: str = "olga") -> UUID:
        """Call out of a desk in «Исходящие»."""
        employee = getattr(self.people, login)
        actor = Actor(
            employee_id=employee.id,
            session_id=uuid4(),
            role=Role.OPERATOR,
            roles=(Role.OPERATOR,),
            full_name=employee.full_name,
            desk_id=self.people.desk(employee).id,
        )
        async with self.database.transaction() as session:
            return await place_call(Front(actor, session, self.temporal), PlaceCall(key=key, number=number))

    async def dialled(self, call_id: UUID) -> Dial:
        """Wait until the call's number rings."""

        async def rung() -> Dial | None:
            return next((dial for dial in self.exchange.dials.values() if dial.call_id == call_id), None)

        return await until(rung)

    async def callee_answers(self, dial: Dial) -> None:
        at = datetime.now(UTC)
        assert self.exchange.pick_up(dial.leg_id, at), "the ring was over"
        await self.tell(dial.call_id, "callee_answered", CalleeAnswered(leg_id=dial.leg_id, at=at))

    async def callee_refuses(self, dial: Dial, outcome: DialOutcome = DialOutcome.REFUSED) -> None:
        self.exchange.decline(dial.leg_id)
        news = CalleeRefused(leg_id=dial.leg_id, at=datetime.now(UTC), outcome=outcome)
        await self.tell(dial.call_id, "callee_refused", news)

    async def talk(self, login: str = "olga") -> Ring:
        """Bring a call as far as the talk."""
        await self.go_on_line(login)
        ring = await self.ring_of(await self.phone())
        await self.answer(ring)
        await self.reaches(ring.call_id, CallStage.TALKING)
        return ring

    async def serve(self, login: str = "olga") -> Ring:
        """Bring a call as far as post-processing."""
        ring = await self.talk(login)
        await self.citizen_hangs_up(ring.call_id)
        await self.reaches(ring.call_id, CallStage.POST_PROCESSING)
        return ring

    async def order(self, key: str = "form-key-1", comment: str = "", by: str = "olga", **extra: Any) -> FinishService:
        reason = await self.sql(
            "INSERT INTO reason (name, position) VALUES ('Жалоба', 1) "
            "ON CONFLICT (name) DO UPDATE SET position = 1 RETURNING id"
        )
        who = getattr(self.people, by)
        return FinishService(
            key=key, actor_id=who.id, actor_name=who.full_name, reasons=(reason,), comment=comment, **extra
        )

    async def finish(self, call_id: UUID, key: str = "form-key-1", comment: str = "", **extra: Any) -> Finished:
        order = await self.order(key, comment, **extra)
        done: Finished = await self.process(call_id).execute_update(
            "finish_service", order, id=order.key, result_type=Finished
        )
        return done

    async def give(self, call_id: UUID, order: str, kind: type[Order], by: str = "olga", **fields: Any) -> Any:
        """Give an order of this kind, under a key of its own unless one is given."""
        command = kind(**{"key": str(uuid4()), "actor_id": getattr(self.people, by).id, **fields})
        return await self.process(call_id).execute_update(order, command, id=command.key)

    async def hold(self, call_id: UUID, **fields: Any) -> None:
        await self.give(call_id, "hold_call", HoldCall, **fields)

    async def resume(self, call_id: UUID, **fields: Any) -> None:
        await self.give(call_id, "resume_call", ResumeCall, **fields)

    async def transfer(self, call_id: UUID, to: str = "pyotr", **fields: Any) -> None:
        target = {"desk_id": self.people.desk(getattr(self.people, to)).id} if to else {}
        await self.give(call_id, "transfer_call", TransferCall, **target, **fields)

    async def page_is_gone(self, ring: Ring) -> None:
        await self.tell(ring.call_id, "media_lost", MediaLost(leg_id=ring.leg_id, at=datetime.now(UTC)))

    async def page_is_back(self, ring: Ring) -> None:
        await self.tell(ring.call_id, "operator_returned", OperatorReturned(leg_id=ring.leg_id, at=datetime.now(UTC)))

    def process(self, call_id: UUID) -> WorkflowHandle[Any, Any]:
        return self.temporal.get_workflow_handle(call_workflow_id(call_id), result_type=CallState)

    async def stage(self, call_id: UUID) -> str | None:
        stage: str | None = await self.sql("SELECT stage FROM call WHERE id = :id", id=call_id)
        return stage

    async def reaches(self, call_id: UUID, stage: CallStage) -> None:
        async def there() -> bool:
            return await self.stage(call_id) == stage

        await until(there)

    async def desk(self, login: str = "olga") -> str:
        employee = getattr(self.people, login)
        status: str = await self.sql("SELECT status FROM desk WHERE employee_id = :id", id=employee.id)
        return status

    async def events(self, call_id: UUID) -> list[str]:
        kinds: list[str] = await self.sql(
            "SELECT array_agg(kind ORDER BY seq) FROM call_event WHERE call_id = :id", id=call_id
        )
        return kinds

    async def comes_to(self, call_id: UUID, kind: str) -> None:
        async def there() -> bool:
            return kind in (await self.events(call_id) or [])

        await until(there)

    async def sql(self, statement: str, **values: Any) -> Any:
        async with self.database.transaction() as session:
            return (await session.execute(text(statement), values)).scalar()


async def until(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """Return what the look finds, as soon as it finds something."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):
            await asyncio.sleep(0.01)
        return found
