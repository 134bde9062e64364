"""The figures of a day and whose calls a role reaches."""

from datetime import timedelta
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.desk import DeskStatus
from schemas.errors import Forbidden
from schemas.journal import Day, HourFigures
from schemas.staff import Actor, Role
from services import journal
from services.front import Front
from store import desk
from store.staff import Employee
from tests.calls import ALL, NOON, PAGE, SECOND, Calls
from tests.people import People

OMSK = ZoneInfo("Asia/Omsk")
DAY = Day(
    since=NOON.astimezone(OMSK).replace(hour=0),
    until=NOON.astimezone(OMSK).replace(hour=0) + timedelta(days=1),
    talk_norm=timedelta(minutes=10),
)


@pytest.fixture
def calls(session: AsyncSession, people: People) -> Calls:
    return Calls(session, people)


def front(calls: Calls, employee: Employee, role: Role) -> Front:
    actor = Actor(employee_id=employee.id, session_id=uuid4(), role=role, roles=(role,), full_name=employee.full_name)
    return Front(actor, calls.session, cast(Client, None))


def olga(calls: Calls) -> Front:
    return front(calls, calls.people.olga, Role.OPERATOR)


async def test_an_empty_day_has_no_average(calls: Calls) -> None:
    day = await journal.get_day(olga(calls), DAY)
    assert (day.accepted, day.missed, day.average_talk, day.by_hour) == (0, 0, None, ())
    assert day.at_work == timedelta()


async def test_talks_are_averaged_and_compared_with_the_norm(calls: Calls) -> None:
    await calls.served(seconds=60)
    await calls.served(seconds=120)
    await calls.missed()
    day = await journal.get_day(olga(calls), DAY)
    assert (day.accepted, day.missed, day.average_talk) == (2, 1, 90 * SECOND)
    assert not day.is_above_norm


async def test_the_norm_of_ones_queues_goes_before_the_centres(calls: Calls) -> None:
    calls.people.queue.talk_norm_seconds = 60
    await calls.served(seconds=61)
    day = await journal.get_day(olga(calls), DAY)
    assert (day.talk_norm, day.is_above_norm) == (60 * SECOND, True)


async def test_hours_are_the_centres_and_have_no_gap(calls: Calls) -> None:
    await calls.served()
    calls.at += timedelta(hours=2)
    await calls.missed()
    day = await journal.get_day(olga(calls), DAY)
    assert day.by_hour == (HourFigures(hour=18, accepted=1), HourFigures(hour=19), HourFigures(hour=20, missed=1))


async def test_a_day_begins_at_midnight_of_the_centre(calls: Calls) -> None:
    calls.at = DAY.since - SECOND
    await calls.served()
    calls.at = DAY.since
    await calls.served()
    assert (await journal.get_day(olga(calls), DAY)).accepted == 1


async def test_on_line_is_incoming_and_outgoing_and_inactive_is_no_work(calls: Calls) -> None:
    mine = await desk.get(calls.session, calls.people.desk(calls.people.olga).id)
    states = (DeskStatus.INCOMING, DeskStatus.OUTGOING, DeskStatus.BREAK, DeskStatus.INACTIVE)
    for hour, status in enumerate(states):
        await desk.set_status(calls.session, mine, status, at=NOON + timedelta(hours=hour))
    day = await journal.get_day(olga(calls), DAY)
    assert (day.on_line, day.on_break, day.at_work) == tuple(timedelta(hours=hours) for hours in (2, 1, 3))


async def test_a_state_that_began_yesterday_counts_from_midnight(calls: Calls) -> None:
    mine = await desk.get(calls.session, calls.people.desk(calls.people.olga).id)
    await desk.set_status(calls.session, mine, DeskStatus.BREAK, at=DAY.since - timedelta(hours=5))
    await desk.set_status(calls.session, mine, DeskStatus.INACTIVE, at=DAY.since + timedelta(hours=1))
    assert (await journal.get_day(olga(calls), DAY)).on_break == timedelta(hours=1)


async def test_an_operator_reaches_his_own_calls_and_a_supervisor_all(calls: Calls) -> None:
    await calls.served()
    await calls.served("pyotr")
    vera = front(calls, calls.people.vera, Role.SUPERVISOR)
    assert len((await journal.list_calls(olga(calls), ALL, PAGE)).rows) == 1
    assert len((await journal.list_calls(vera, ALL, PAGE)).rows) == 2
    assert len((await journal.list_own_calls(vera, ALL, PAGE)).rows) == 0


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.KNOWLEDGE_USER])
async def test_who_has_no_desk_has_no_journal(calls: Calls, role: Role) -> None:
    stranger = front(calls, calls.people.stranger, role)
    for refused in (
        journal.list_calls(stranger, ALL, PAGE),
        journal.get_day(stranger, DAY),
        journal.get_choices(stranger),
    ):
        with pytest.raises(Forbidden):
            await refused
