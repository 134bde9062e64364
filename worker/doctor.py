"""`pult doctor`: what is reachable, what is missing, and the command that mends it."""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from redis.asyncio import Redis
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from config.settings import Settings
from store.objects import Objects
from worker.libraries import document_trouble

PATIENCE = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is empty when it is well."""

    thing: str
    state: str
    mend: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Every dependency of these settings, looked at all at once."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[str]], str]] = [
        ("PostgreSQL", see_database, "проверьте DATABASE__URL и то, что сервер запущен"),
        ("Valkey", see_valkey, "проверьте VALKEY__URL и то, что сервер запущен"),
        ("Temporal", see_temporal, "проверьте TEMPORAL__ADDRESS, TEMPORAL__NAMESPACE и то, что сервер запущен"),
        ("Хранилище", see_objects, "проверьте STORAGE__URL и ключ"),
    ]
    findings = await asyncio.gather(*(look(thing, see(settings), mend) for thing, see, mend in checks))
    return [*findings, *see_providers(settings), see_documents(), see_room(settings)]


async def look(thing: str, answer: Awaitable[str], mend: str) -> Finding:
    try:
        return Finding(thing, await asyncio.wait_for(answer, PATIENCE))
    except Exception as error:  # whatever a broken dependency throws is its finding
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        return Finding(thing, f"не отвечает: {reason}", mend)


async def see_database(settings: Settings) -> str:
    url = settings.database.url.get_secret_value().replace("+asyncpg", "").replace("?ssl=disable", "?sslmode=disable")
    connection = await asyncpg.connect(url, timeout=PATIENCE)
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
        return f"отвечает, ревизия {revision}"
    except asyncpg.UndefinedTableError:
        raise RuntimeError("таблиц ещё нет: выполните pult migrate") from None
    finally:
        await connection.close()


async def see_valkey(settings: Settings) -> str:
    client = Redis.from_url(settings.valkey.url.get_secret_value(), socket_timeout=PATIENCE)
    try:
        await client.ping()
    finally:
        await client.aclose()
    return "отвечает"


async def see_temporal(settings: Settings) -> str:
    place = settings.temporal
    client = await Client.connect(place.address, namespace=place.namespace, tls=place.tls)
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=place.namespace))
    return f"отвечает, пространство {place.namespace}"


async def see_objects(settings: Settings) -> str:
    url, options = settings.storage.place
    with contextlib.suppress(FileNotFoundError):  # it answers: there is no such object
        await Objects.at(url, **options).get("doctor")
    return f"отвечает, {url}"


def see_providers(settings: Settings) -> list[Finding]:
    """A centre may live without them: then its doors refuse, and nothing here is broken."""
    hosts = (("SMS", "SMS__HOST", settings.sms.host), ("Почта", "EMAIL__HOST", settings.email.host))
    unset = "отправка не настроена, Пульт отказывает в ней: чтобы отправлять, задайте {}"
    return [Finding(thing, f"сервер {host}" if host else unset.format(name)) for thing, name, host in hosts]


def see_documents() -> Finding:
    trouble = document_trouble()
    return Finding("PDF", "библиотек не хватает", trouble) if trouble else Finding("PDF", "библиотеки на месте")


def see_room(settings: Settings) -> Finding:
    path = settings.storage.path
    free = shutil.disk_usage(path if path.exists() else ".").free // 2**20
    mend = "освободите место" if free < 300 else ""
    return Finding("Диск", f"свободно {free} МБ", mend)
