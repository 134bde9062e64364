"""The demo centre: believable, filled once, open to nobody without this installation's secret."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pwdlib import PasswordHash
from sqlalchemy import func, select, text
from sqlmodel import col

from config.settings import Settings
from schemas.staff import ROLE_WORDS
from services import message_fill
from store.call import Call, CallEvent, Serving
from store.desk import DeskInterval
from store.session import Database
from store.staff import Employee
from store.subscriber import Subscriber
from tests.conftest import copied_database
from worker import demo, demo_people
from worker.stack import Stack

MOSCOW = ZoneInfo("Europe/Moscow")
OVERLAPS = text(
    """SELECT count(*) FROM serving a JOIN serving b ON a.desk_id = b.desk_id AND a.id < b.id
       AND tstzrange(a.offered_at, a.finished_at) && tstzrange(b.offered_at, b.finished_at)"""
)
GAPS = text(
    """SELECT count(*) FROM (SELECT during, lag(upper(during)) OVER (PARTITION BY desk_id ORDER BY during) AS before
                             FROM desk_interval) AS i WHERE before <> lower(during)"""
)
OFF_DUTY = text(
    """SELECT count(*) FROM serving s WHERE NOT EXISTS (SELECT FROM desk_interval i WHERE i.desk_id = s.desk_id
       AND i.status = 'incoming' AND i.during @> tstzrange(s.offered_at, s.finished_at))"""
)


@pytest.fixture(scope="module")
async def centre(stack: Stack) -> AsyncIterator[Database]:
    """A filled centre that the tests below only read."""
    async for database in copied_database(stack):
        assert await demo.fill(database, "pepper", MOSCOW)
        yield database


async def one(database: Database, question: Any) -> Any:
    async with database.transaction() as session:
        return (await session.execute(question)).scalar_one()


async def count(database: Database, table: type) -> int:
    return int(await one(database, select(func.count()).select_from(table)))


async def test_it_fills_an_empty_centre(centre: Database) -> None:
    assert await count(centre, Subscriber) == 40
    assert await count(centre, Call) > 500


async def test_a_second_load_changes_nothing(centre: Database) -> None:
    calls = await count(centre, Call)
    assert not await demo.fill(centre, "pepper", MOSCOW)
    assert await count(centre, Call) == calls


@pytest.mark.parametrize("nothing", [OVERLAPS, GAPS, OFF_DUTY], ids=["overlaps", "gaps", "off duty"])
async def test_desks_never_did_two_things_at_once(centre: Database, nothing: Any) -> None:
    assert await one(centre, nothing) == 0


async def test_every_call_tells_its_story(centre: Database) -> None:
    told = await one(centre, select(func.count(col(CallEvent.call_id).distinct())))
    assert told == await count(centre, Call)


async def test_olga_has_worked_today(centre: Database) -> None:
    today = col(Serving.offered_at) > datetime.now(UTC) - timedelta(hours=8)
    olga = select(col(Employee.id)).where(col(Employee.login) == "olga").scalar_subquery()
    mine = select(func.count()).select_from(Serving).where(today, col(Serving.employee_id) == olga)
    assert await one(centre, mine) > 0 or datetime.now(MOSCOW).hour < 1


async def test_everybody_has_left(centre: Database) -> None:
    last = select(func.count(), func.min(col(DeskInterval.status))).where(text("upper_inf(during)"))
    async with centre.transaction() as session:
        assert (await session.execute(last)).one() == (6, "inactive")


async def test_every_role_has_a_login(settings: Settings) -> None:
    shown = await demo.load(settings)
    assert {word for login in shown for word in login.roles.split(", ")} == set(ROLE_WORDS.values())


async def test_the_passwords_are_this_installations_own(centre: Database) -> None:
    olga, foreign = demo.logins("pepper")[0], demo.logins("other")[0]
    stored = await one(centre, select(col(Employee.password_hash)).where(col(Employee.login) == "olga"))
    assert PasswordHash.recommended().verify(olga.password, stored)
    assert not PasswordHash.recommended().verify(foreign.password, stored)


def test_its_templates_can_be_filled() -> None:
    assert [message_fill.wrong_in(text) for _, _, _, text in demo_people.TEMPLATES] == [None] * len(
        demo_people.TEMPLATES
    )
