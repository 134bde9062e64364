"""A session: how long it lives, how its role changes, how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.desk import DeskStatus
from schemas.errors import Conflict, Forbidden
from schemas.staff import Actor, Role
from services import staff
from services.front import Front
from services.staff import BROWSER, SessionRules, Visit
from store.call import Call, Serving
from store.desk import Desk
from store.live import BUS, person
from store.session import Database
from store.staff import Employee
from tests.people import ANNA_NUMBER, People

VISIT = Visit(BROWSER, "203.0.113.7")


async def enter(session: AsyncSession, rules: SessionRules, employee: Employee, role: Role) -> tuple[str, Actor]:
    token = (await staff.issue(session, rules, employee, role, VISIT)).token
    actor = await staff.actor_of(session, rules, token, BROWSER)
    assert actor is not None
    return token, actor


async def status_of(session: AsyncSession, people: People, employee: Employee) -> DeskStatus:
    return (await session.get_one(Desk, people.desk(employee).id, populate_existing=True)).status


async def put_in_a_call(session: AsyncSession, people: People, employee: Employee) -> None:
    call = Call(id=uuid4(), number=ANNA_NUMBER)
    call.started_at = call.queued_at = people.desk(employee).status_since
    session.add(call)
    await session.flush()
    desk_id = people.desk(employee).id
    session.add(Serving(call_id=call.id, desk_id=desk_id, employee_id=employee.id, offered_at=call.started_at))
    await session.flush()


@pytest.fixture
def lazy() -> Client:
    """A client that nothing here may need."""
    return None  # type: ignore[return-value]


async def test_a_token_opens_only_what_it_was_made_for(
    session: AsyncSession, people: People, rules: SessionRules
) -> None:
    token, actor = await enter(session, rules, people.vera, Role.SUPERVISOR)
    assert (actor.role, actor.roles) == (Role.SUPERVISOR, (Role.OPERATOR, Role.SUPERVISOR))
    assert await staff.actor_of(session, rules, token, "api") is None
    assert await staff.actor_of(session, rules, token[:-1], BROWSER) is None


@pytest.mark.parametrize(
    ("change", "lives"),
    [
        ("seen_at = now() - interval '29 minutes'", True),
        ("seen_at = now() - interval '31 minutes'", False),
        ("created_at = now() - interval '13 hours'", True),
        ("created_at = now() - interval '15 hours'", False),
        ("ended_at = now()", False),
    ],
)
async def test_a_session_lives_within_its_limits(
    session: AsyncSession, people: People, rules: SessionRules, change: str, lives: bool
) -> None:
    token, actor = await enter(session, rules, people.admin, Role.ADMINISTRATOR)
    await session.execute(text(f"UPDATE staff_session SET {change}"))
    assert await staff.is_live(session, rules, actor) is lives
    assert (await staff.actor_of(session, rules, token, BROWSER) is not None) is lives


async def test_a_desk_with_a_live_phone_is_not_idle(session: AsyncSession, people: People, rules: SessionRules) -> None:
    token, actor = await enter(session, rules, people.olga, Role.OPERATOR)
    await session.execute(text("UPDATE staff_session SET seen_at = now() - interval '1 hour'"))
    lease = "INSERT INTO desk_presence VALUES (:d, uuidv7(), 1, clock_timestamp() + interval '9 seconds', true)"
    await session.execute(text(lease), {"d": actor.desk_id})
    assert await staff.actor_of(session, rules, token, BROWSER) is not None


async def test_a_desk_in_a_call_is_not_idle(session: AsyncSession, people: People, rules: SessionRules) -> None:
    token, _ = await enter(session, rules, people.olga, Role.OPERATOR)
    await put_in_a_call(session, people, people.olga)
    await session.execute(text("UPDATE staff_session SET seen_at = now() - interval '1 hour'"))
    assert await staff.actor_of(session, rules, token, BROWSER) is not None


async def test_being_seen_is_written_at_most_once_a_minute(
    session: AsyncSession, people: People, rules: SessionRules
) -> None:
    token, _ = await enter(session, rules, people.admin, Role.ADMINISTRATOR)
    age = text("SELECT extract(epoch FROM clock_timestamp() - seen_at) FROM staff_session")
    seen = text("UPDATE staff_session SET seen_at = clock_timestamp() - CAST(:before AS int) * interval '1 second'")
    for before, after in ((30, 30), (90, 0)):
        await session.execute(seen, {"before": before})
        await staff.actor_of(session, rules, token, BROWSER)
        assert int((await session.execute(age)).scalar_one()) == after


async def test_a_role_taken_away_ends_what_it_opened(
    session: AsyncSession, people: People, rules: SessionRules
) -> None:
    token, _ = await enter(session, rules, people.vera, Role.SUPERVISOR)
    people.vera.roles = ["operator"]
    await session.flush()
    assert await staff.actor_of(session, rules, token, BROWSER) is None


async def test_change_role_gives_a_new_token_and_ends_the_old(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    token, actor = await enter(session, rules, people.vera, Role.SUPERVISOR)
    issued = await staff.change_role(Front(actor, session, lazy), rules, Role.OPERATOR)
    changed = await staff.actor_of(session, rules, issued.token, BROWSER)
    assert await staff.actor_of(session, rules, token, BROWSER) is None
    assert changed is not None
    assert (changed.role, changed.csrf != actor.csrf) == (Role.OPERATOR, True)


async def test_the_absolute_limit_runs_on_over_a_change_of_role(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    _, actor = await enter(session, rules, people.vera, Role.SUPERVISOR)
    await session.execute(text("UPDATE staff_session SET created_at = now() - interval '13 hours'"))
    session.expire_all()
    issued = await staff.change_role(Front(actor, session, lazy), rules, Role.OPERATOR)
    left = text("SELECT :at < now() + interval '61 minutes'")
    assert (await session.execute(left, {"at": issued.expires_at})).scalar_one()


async def test_change_role_is_refused_in_a_call_and_to_a_role_of_others(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    _, actor = await enter(session, rules, people.vera, Role.OPERATOR)
    with pytest.raises(Forbidden):
        await staff.change_role(Front(actor, session, lazy), rules, Role.ADMINISTRATOR)
    await put_in_a_call(session, people, people.vera)
    with pytest.raises(Conflict, match="после завершения обслуживания"):
        await staff.change_role(Front(actor, session, lazy), rules, Role.SUPERVISOR)


async def test_log_out_ends_the_session_and_closes_the_desk(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    token, actor = await enter(session, rules, people.olga, Role.OPERATOR)
    assert await status_of(session, people, people.olga) is DeskStatus.BREAK
    await staff.log_out(Front(actor, session, lazy))
    assert await staff.actor_of(session, rules, token, BROWSER) is None
    assert await status_of(session, people, people.olga) is DeskStatus.INACTIVE


async def test_log_out_is_refused_in_a_call(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    _, actor = await enter(session, rules, people.olga, Role.OPERATOR)
    await put_in_a_call(session, people, people.olga)
    with pytest.raises(Conflict):
        await staff.log_out(Front(actor, session, lazy))


async def test_block_shuts_out_at_once(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    _, admin = await enter(session, rules, people.admin, Role.ADMINISTRATOR)
    token, actor = await enter(session, rules, people.olga, Role.OPERATOR)
    await staff.block(Front(admin, session, lazy), people.olga.id)
    assert await staff.actor_of(session, rules, token, BROWSER) is None
    assert not await staff.is_live(session, rules, actor)
    assert await status_of(session, people, people.olga) is DeskStatus.INACTIVE


async def test_only_an_administrator_blocks_and_never_himself(
    session: AsyncSession, people: People, rules: SessionRules, lazy: Client
) -> None:
    _, vera = await enter(session, rules, people.vera, Role.SUPERVISOR)
    with pytest.raises(Forbidden):
        await staff.block(Front(vera, session, lazy), people.olga.id)
    _, admin = await enter(session, rules, people.admin, Role.ADMINISTRATOR)
    with pytest.raises(Conflict):
        await staff.block(Front(admin, session, lazy), people.admin.id)


@pytest.fixture
async def heard(valkey: Redis, fresh_people: People) -> AsyncIterator[PubSub]:
    """What Ольга's open pages hear."""
    async with valkey.pubsub() as pubsub:
        await pubsub.subscribe(BUS)
        yield pubsub


async def test_block_tells_the_open_pages(
    fresh_database: Database, fresh_people: People, rules: SessionRules, lazy: Client, heard: PubSub
) -> None:
    async with fresh_database.transaction() as session:
        _, admin = await enter(session, rules, fresh_people.admin, Role.ADMINISTRATOR)
        await staff.block(Front(admin, session, lazy), fresh_people.olga.id)
    names = set()
    while message := await heard.get_message(timeout=2):
        told = json.loads(message["data"]) if message["type"] == "message" else []
        names |= {name for channel, name, _ in told if channel == person(fresh_people.olga.id)}
        if "session" in names:
            break
    assert "session" in names


async def test_a_change_of_role_locks_the_session_before_the_desk(
    fresh_database: Database, fresh_people: People, rules: SessionRules, lazy: Client
) -> None:
    vera, desk_id = fresh_people.vera, fresh_people.desk(fresh_people.vera).id
    async with fresh_database.transaction() as session:
        await session.execute(text("UPDATE employee SET roles = array_append(roles, 'administrator')"))
        _, actor = await enter(session, rules, vera, Role.SUPERVISOR)
    async with fresh_database.transaction() as session:
        await session.execute(text("UPDATE staff_session SET seen_at = clock_timestamp()"))
        changing = asyncio.create_task(administrate(fresh_database, rules, actor, lazy))
        await asyncio.wait({changing}, timeout=0.5)
        await session.get_one(Desk, desk_id, with_for_update=True)
    await changing


async def administrate(database: Database, rules: SessionRules, actor: Actor, lazy: Client) -> None:
    async with database.transaction() as session:
        await staff.change_role(Front(actor, session, lazy), rules, Role.ADMINISTRATOR)
