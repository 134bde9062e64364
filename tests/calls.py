"""Calls of tests, put into the tables as their processes would have left them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallStage, ServingRole
from schemas.journal import JournalFilter, JournalPage, JournalRows
from store.call import Call, CallReason, Reason, Serving
from store.call_journal import everybody, list_rows, own
from tests.people import ANNA_NUMBER, People

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALL = JournalFilter()
PAGE = JournalPage()
SECOND = timedelta(seconds=1)


class Calls:
    """Puts calls into the journal, each a minute after the one before."""

    def __init__(self, session: AsyncSession, people: People, at: datetime = NOON) -> None:
        self.session, self.people, self.at = session, people, at

    async def served(self, employee: str = "olga", seconds: int = 60, **fields: object) -> Call:
        call = await self.call(stage=CallStage.FINISHED, seconds=seconds, employee=employee, **fields)
        await self.serving(call, employee, call.answered_at)
        return call

    async def missed(self, employee: str = "olga") -> Call:
        call = await self.call(stage=CallStage.ABANDONED, ended_at=self.at + 20 * SECOND)
        await self.serving(call, employee, None)
        return call

    async def call(self, stage: CallStage, seconds: int = 0, employee: str = "", **fields: object) -> Call:
        answered = self.at + 10 * SECOND if employee else None
        talk_ended = answered + seconds * SECOND if answered else None
        values = {
            "id": uuid4(),
            "number": ANNA_NUMBER,
            "queue_id": self.people.queue.id,
            "stage": stage,
            "started_at": self.at,
            "queued_at": self.at,
            "answered_at": answered,
            "talk_ended_at": talk_ended,
            "ended_at": talk_ended + 5 * SECOND if talk_ended else None,
            "employee_id": getattr(self.people, employee).id if employee else None,
        }
        call = Call(**(values | fields))
        self.session.add(call)
        await self.session.flush()
        self.at += timedelta(minutes=1)
        return call

    async def serving(
        self,
        call: Call,
        employee: str,
        answered: datetime | None,
        outcome: str = "missed",
        role: ServingRole = ServingRole.MAIN,
    ) -> None:
        person = getattr(self.people, employee)
        self.session.add(
            Serving(
                call_id=call.id,
                desk_id=self.people.desk(person).id,
                employee_id=person.id,
                role=role,
                offered_at=call.started_at if role is ServingRole.MAIN else answered or call.started_at,
                answered_at=answered,
                ended_at=call.talk_ended_at or call.ended_at,
                finished_at=call.ended_at,
                outcome="answered" if answered else outcome,
            )
        )
        await self.session.flush()

    async def rows(self, wanted: JournalFilter = ALL, page: JournalPage = PAGE) -> JournalRows:
        return await list_rows(self.session, everybody(), wanted, page)

    async def own_rows(self, wanted: JournalFilter = ALL, page: JournalPage = PAGE) -> JournalRows:
        return await list_rows(self.session, own(self.people.olga.id), wanted, page)


async def reason(session: AsyncSession, name: str, *on: Call) -> UUID:
    row = Reason(name=name)
    session.add(row)
    await session.flush()
    session.add_all([CallReason(call_id=call.id, reason_id=row.id) for call in on])
    await session.flush()
    return row.id
