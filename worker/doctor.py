"""`pult doctor`: what is reachable, what is missing, and the command that mends it."""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from aiosmtplib import SMTPAuthenticationError
from redis.asyncio import Redis
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from config.settings import Settings
from store.objects import Objects
from telephony.smpp import SmppLink, SmppRefused
from worker.libraries import document_trouble

PATIENCE = 5.0
UNSET = "отправка не настроена, Пульт отказывает в ней: чтобы отправлять, задайте {}"


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
        ("SMS", see_sms, "проверьте SMS__HOST, SMS__PORT, SMS__SYSTEM_ID, SMS__PASSWORD и SMS__TLS"),
        ("Почта", see_mail, "проверьте EMAIL__HOST, EMAIL__PORT, EMAIL__TLS, EMAIL__USER и EMAIL__PASSWORD"),
    ]
    findings = await asyncio.gather(*(look(thing, see(settings), mend) for thing, see, mend in checks))
    return [*findings, see_documents(), see_room(settings)]


async def look(thing: str, answer: Awaitable[str], mend: str) -> Finding:
    try:
        return Finding(thing, await asyncio.wait_for(answer, PATIENCE))
    except Exception as error:  # whatever a broken dependency throws is its finding
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        trouble = "отказывает" if isinstance(error, SmppRefused | SMTPAuthenticationError) else "не отвечает"
        return Finding(thing, f"{trouble}: {reason}", mend)


async def see_database(settings: Settings) -> str:
    connection = await connect(settings)
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
        return f"отвечает, ревизия {revision}"
    except asyncpg.UndefinedTableError:
        raise RuntimeError("таблиц ещё нет: выполните pult migrate") from None
    finally:
        await connection.close()


async def connect(settings: Settings) -> asyncpg.Connection:
    url = settings.database.url.get_secret_value().replace("+asyncpg", "").replace("?ssl=disable", "?sslmode=disable")
    return await asyncpg.connect(url, timeout=PATIENCE)


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


async def see_sms(settings: Settings) -> str:
    """Enter as the worker would, unless it holds the session right now: a provider knows us by one."""
    from worker.message import SMS_LOCK, sms_access

    if not settings.sms.host:
        return UNSET.format("SMS__HOST")
    connection = await connect(settings)
    try:
        if not await connection.fetchval(f"SELECT pg_try_advisory_lock({SMS_LOCK})"):
            return f"сеанс с {settings.sms.host} держит рабочий процесс"
        link = await SmppLink.open(sms_access(settings.sms), keep_nothing)
        await link.close()
    finally:
        await connection.close()
    return f"{settings.sms.host} впускает нас"


async def keep_nothing(receipt: object) -> None:
    """Leave a receipt with the provider: the worker will hear it."""
    raise ConnectionError


async def see_mail(settings: Settings) -> str:
    from telephony.mail import enter
    from worker.message import mail_access

    if not settings.email.host:
        return UNSET.format("EMAIL__HOST")
    smtp = await enter(mail_access(settings.email))
    await smtp.quit()
    return f"{settings.email.host} впускает нас"


def see_documents() -> Finding:
    trouble = document_trouble()
    return Finding("PDF", "библиотек не хватает", trouble) if trouble else Finding("PDF", "библиотеки на месте")


def see_room(settings: Settings) -> Finding:
    path = settings.storage.path
    free = shutil.disk_usage(path if path.exists() else ".").free // 2**20
    mend = "освободите место" if free < 300 else ""
    return Finding("Диск", f"свободно {free} МБ", mend)
