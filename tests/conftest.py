"""Real servers for every test: one embedded stack a run, on ports the system chose, in a folder of its own."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment
from xdist.scheduler import LoadScopeScheduling

from config.settings import Settings
from store.live import Publisher
from store.session import Database
from tests.doors import doors  # noqa: F401 - a fixture
from tests.objects import objects, s3  # noqa: F401 - fixtures
from tests.people import People, settle
from worker.migrate import migrate
from worker.place import Place
from worker.postgres import APP, DATABASE, OWNER
from worker.stack import Stack
from worker.temporal_server import program

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
numbers = itertools.count(1)
PULT_OF = {f"tests/e2e/test_{name}.py": "whole" for name in ("first_call", "job", "kill", "limits", "message")}
PULT_OF["tests/e2e/test_chaos.py"] = "chaos"


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """PostgreSQL (migrated), Valkey and Temporal of this run."""
    place = Place(tmp_path_factory.mktemp("var"))
    place.claim()
    stack = Stack.at(place, hasty=True)
    await stack.start()
    await migrate(stack.postgres.url(OWNER), stack.postgres.url(APP))
    yield stack
    await stack.stop()


@pytest.fixture(scope="session")
async def database(stack: Stack) -> AsyncIterator[Database]:
    """The database that tests share and leave as it was (`session` rolls back)."""
    async for database in copied_database(stack):
        yield database


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session of a transaction that is rolled back after the test."""
    async with database.engine.connect() as connection, connection.begin() as transaction:
        async with AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await transaction.rollback()


@pytest.fixture
async def fresh_database(stack: Stack) -> AsyncIterator[Database]:
    """A migrated, empty database of its own, for a test that commits."""
    async for database in copied_database(stack):
        yield database


@pytest.fixture
async def valkey(stack: Stack) -> AsyncIterator[Redis]:
    """A client of a Valkey that is empty before the test."""
    client = Redis.from_url(stack.valkey.url(), decode_responses=True)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def data_converter() -> DataConverter:
    """How payloads travel; the roots' own converter takes its place where encryption is tested."""
    return pydantic_data_converter


@pytest.fixture
async def temporal(stack: Stack, data_converter: DataConverter) -> Client:
    """A client of the real server, in the run's namespace."""
    return await Client.connect(
        stack.temporal.address, namespace=stack.temporal.namespace, data_converter=data_converter
    )


@pytest.fixture
async def time_skipping(data_converter: DataConverter) -> AsyncIterator[WorkflowEnvironment]:
    """A server whose clock jumps to the next timer when nothing else is to be done."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter, test_server_existing_path=program("temporal-test-server")
    ) as environment:
        yield environment


@pytest.fixture
async def people(session: AsyncSession) -> People:
    """Ольга, Пётр, Вера, Админ and Чужой, inside the test's transaction."""
    return await settle(session)


@pytest.fixture
async def fresh_people(fresh_database: Database) -> People:
    """The same people, committed to the test's own database."""
    async with fresh_database.transaction() as session:
        return await settle(session)


@pytest.fixture
def settings(stack: Stack, fresh_database: Database) -> Settings:
    """The settings of a process that works on the test's own database."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in stack.environment().items():
        group, _, field = name.lower().partition("__")
        groups.setdefault(group, {})[field] = value
    groups["database"]["url"] = SecretStr(fresh_database.engine.url.render_as_string(hide_password=False))
    groups["security"]["cookie_secure"] = False
    # Where nobody listens: messages are accepted, and wait for the provider that a test starts by itself.
    groups["sms"] = {"host": "127.0.0.1", "port": 9}
    groups["email"] = {"host": "127.0.0.1", "port": 9, "sender": "Пульт <info@example.org>"}
    return Settings(_env_file=None, **groups)  # type: ignore[arg-type, call-arg]


async def copied_database(stack: Stack) -> AsyncIterator[Database]:
    """A copy of the migrated template, dropped after use."""
    name = f"test_{next(numbers)}"
    await as_superuser(stack, f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {OWNER} STRATEGY file_copy")
    valkey = Redis.from_url(stack.valkey.url())
    database = Database(stack.postgres.url(APP, name), publish=Publisher(valkey))
    yield database
    await database.close()
    await valkey.aclose()
    await as_superuser(stack, f"DROP DATABASE {name} WITH (FORCE)")


async def as_superuser(stack: Stack, statement: str) -> None:
    connection: asyncpg.Connection = await stack.postgres.connect("postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


class Shares(LoadScopeScheduling):
    """Whoever is free takes the next test, but tests of one Пульт stay together: first, as they last longest."""

    def _split_scope(self, nodeid: str) -> str:
        return PULT_OF.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    return Shares(config, log) if config.getvalue("dist") == "loadscope" else None


def failed_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything can be installed, a skipped test is a failed one."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"пропущено, хотя здесь ничего пропускать нельзя: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    failed_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    failed_skip(report)
    return report
