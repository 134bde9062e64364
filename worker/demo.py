"""The demo centre: a believable regional МФЦ with staff of every role, subscribers and a week of calls."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pwdlib import PasswordHash
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from config.settings import Settings
from schemas.staff import AT_A_DESK, ROLE_WORDS
from store.base import clock, routing_lock
from store.call import Reason
from store.desk import Desk
from store.directory import BreakReason
from store.message import MessageTemplate
from store.queue import Queue, QueueMember, QueueNumber
from store.session import Database
from store.staff import Employee
from worker.demo_journal import Centre, journal
from worker.demo_people import BREAK_REASONS, COLLEAGUES, LOGINS, POLICIES, QUEUES, REASONS, TEMPLATES, subscribers


@dataclass(frozen=True)
class DemoLogin:
    """What a visitor types to be somebody in the demo centre."""

    login: str
    password: str
    full_name: str
    roles: str


def logins(pepper: str) -> list[DemoLogin]:
    """Return the demo logins; their passwords come from this installation's own secret and stand nowhere."""
    return [
        DemoLogin(login, password(pepper, login), full_name, ", ".join(ROLE_WORDS[role] for role in roles))
        for login, (full_name, roles) in LOGINS.items()
    ]


def password(pepper: str, login: str) -> str:
    """Return the same short password for the same secret, in letters that are easy to type."""
    digest = hmac.digest(pepper.encode(), f"demo login {login}".encode(), hashlib.sha256)
    word = base64.b32encode(digest).decode().lower()
    return "-".join((word[:4], word[4:8], word[8:12]))


async def load(settings: Settings) -> list[DemoLogin]:
    """Fill an empty centre once; a second load changes nothing. Return the logins."""
    database = Database(settings.database.url.get_secret_value())
    try:
        pepper = settings.security.pepper.get_secret_value()
        await fill(database, pepper, ZoneInfo(settings.centre.zone))
        return logins(pepper)
    finally:
        await database.close()


async def fill(database: Database, pepper: str, zone: ZoneInfo) -> bool:
    """Write the centre in one transaction; False when somebody works here already."""
    async with database.transaction() as session:
        await routing_lock(session)
        if (await session.execute(select(func.count()).select_from(Employee))).scalar_one():
            return False
        centre = await settle(session, pepper)
        for rows in journal(centre, await clock(session), zone):
            await write(session, rows)
        return True


async def settle(session: AsyncSession, pepper: str) -> Centre:
    """Write the people, their desks and queues, the reasons and the subscribers."""
    employees = [
        Employee(login=login, full_name=name, password_hash=password_hash(pepper, login), roles=[*map(str, roles)])
        for login, (name, roles) in (LOGINS | COLLEAGUES).items()
    ]
    queues = [Queue(name=name, **POLICIES[name]) for name in QUEUES]
    reasons = [Reason(name=name, position=position) for position, name in enumerate(REASONS)]
    breaks = [BreakReason(name=name, position=position) for position, name in enumerate(BREAK_REASONS)]
    cards = subscribers()
    texts = [
        MessageTemplate(channel=channel, name=name, subject=subject, text=words, position=position)
        for position, (channel, name, subject, words) in enumerate(TEMPLATES)
    ]
    await write(session, [*employees, *queues, *reasons, *breaks, *texts, *cards])
    desks = [Desk(employee_id=e.id, version=1) for e in employees if set(e.roles) & {*AT_A_DESK}]
    await write(session, [*desks, *queue_rows(queues, employees)])
    whys = {reason.name: reason.id for reason in breaks}
    return Centre(
        employees=employees, desks=desks, queues=queues, reasons=reasons, subscribers=cards, break_reasons=whys
    )


def queue_rows(queues: Sequence[Queue], employees: Sequence[Employee]) -> list[SQLModel]:
    """Return the numbers and the members of the queues."""
    known = {employee.login: employee.id for employee in employees}
    rows: list[SQLModel] = []
    for queue, (numbers, members) in zip(queues, QUEUES.values(), strict=True):
        rows += [QueueNumber(number=number, queue_id=queue.id) for number in numbers]
        rows += [QueueMember(queue_id=queue.id, employee_id=known[login]) for login in members]
    return rows


def password_hash(pepper: str, login: str) -> str:
    """Return the hash of a demo password; a colleague whose password nobody is told gets a random one."""
    typed = password(pepper, login) if login in LOGINS else secrets.token_urlsafe(24)
    return PasswordHash.recommended().hash(typed)


async def write(session: AsyncSession, rows: Sequence[SQLModel]) -> None:
    session.add_all(rows)
    await session.flush()
