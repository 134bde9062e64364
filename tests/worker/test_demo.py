"""The demo centre: believable, filled once, open to nobody without this installation's secret."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from config.settings import Settings
from schemas.staff import ROLE_WORDS
from store.call import Call, CallEvent, Serving
from store.desk import DeskInterval
from store.session import Database
from store.staff import Employee
from store.subscriber import Subscriber
from worker import demo

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


async def count(database: Database, table: type) -> int:
    async with database.transaction() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_it_fills_an_empty_centre(fresh_database: Database) -> None:
    assert await demo.fill(fresh_database, "pepper", MOSCOW)
    assert await count(fresh_database, Subscriber) == 40
    assert await count(fresh_database, Call) > 500


async def test_a_second_load_changes_nothing(fresh_database: Database) -> None:
    await demo.fill(fresh_database, "pepper", MOSCOW)
    calls = await count(fresh_database, Call)
    assert not await demo.fill(fresh_database, "pepper", MOSCOW)
    assert await count(fresh_database, Call) == calls


@pytest.mark.parametrize("nothing", [OVERLAPS, GAPS, OFF_DUTY], ids=["overlaps", "gaps", "off duty"])
async def test_desks_never_did_two_things_at_once(fresh_database: Database, nothing: object) -> None:
    await demo.fill(fresh_database, "pepper", MOSCOW)
    async with fresh_database.transaction() as session:
        assert (await session.execute(nothing)).scalar_one() == 0  # type: ignore[call-overload]


async def test_every_call_tells_its_story(fresh_database: Database) -> None:
    await demo.fill(fresh_database, "pepper", MOSCOW)
    async with fresh_database.transaction() as session:
        told = (await session.execute(select(func.count(CallEvent.call_id.distinct())))).scalar_one()  # type: ignore[attr-defined]
    assert told == await count(fresh_database, Call)


async def test_everybody_has_left_for_the_night(fresh_database: Database) -> None:
    await demo.fill(fresh_database, "pepper", MOSCOW)
    open_spells = select(DeskInterval.status).where(text("upper_inf(during)"))
    async with fresh_database.transaction() as session:
        states = Counter((await session.execute(open_spells)).scalars())
    assert states == {"inactive": 6}
    assert await count(fresh_database, Serving) > 0


async def test_every_role_has_a_login(settings: Settings) -> None:
    shown = await demo.load(settings)
    assert {word for login in shown for word in login.roles.split(", ")} == set(ROLE_WORDS.values())


async def test_the_passwords_are_this_installations_own(fresh_database: Database) -> None:
    await demo.fill(fresh_database, "pepper", MOSCOW)
    olga, foreign = demo.logins("pepper")[0], demo.logins("other")[0]
    async with fresh_database.transaction() as session:
        stored = (await session.execute(select(Employee.password_hash).where(Employee.login == "olga"))).scalar_one()  # type: ignore[call-overload]
    assert demo.PasswordHash.recommended().verify(olga.password, stored)
    assert not demo.PasswordHash.recommended().verify(foreign.password, stored)
