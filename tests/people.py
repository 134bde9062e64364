"""The people of every test: Ольга answers, Пётр is on her queue, Вера supervises, Админ administers.

Чужой must see nothing. Анна phones.
"""

from dataclasses import dataclass
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.staff import AT_A_DESK, Role
from store.desk import Desk
from store.queue import Queue, QueueMember, QueueNumber
from store.staff import Employee

PASSWORD = "Пароль-для-проверки-2026"
ANNA = "Анна Сергеевна Белова"
ANNA_NUMBER = "+79161234567"
HOTLINE = "+74951234567"


@dataclass(frozen=True)
class People:
    """The employees, the queue they serve and their desks by login."""

    olga: Employee
    pyotr: Employee
    vera: Employee
    admin: Employee
    stranger: Employee
    queue: Queue
    desks: dict[str, Desk]

    def desk(self, employee: Employee) -> Desk:
        return self.desks[employee.login]


@cache
def password_hash() -> str:
    """A cheap argon2id hash of PASSWORD: the tests are not attacked."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),)).hash(PASSWORD)


def employee(login: str, full_name: str, *roles: Role) -> Employee:
    return Employee(login=login, full_name=full_name, password_hash=password_hash(), roles=[*map(str, roles)])


async def settle(session: AsyncSession) -> People:
    """Put everybody into the database, all desks inactive."""
    olga = employee("olga", "Ольга Викторовна Котова", Role.OPERATOR)
    pyotr = employee("pyotr", "Пётр Ильич Ёлкин", Role.OPERATOR)
    vera = employee("vera", "Вера Павловна Лопухова", Role.SUPERVISOR, Role.OPERATOR)
    admin = employee("admin", "Админ Админович Главный", Role.ADMINISTRATOR)
    stranger = employee("stranger", "Чужой Человек Посторонний", Role.KNOWLEDGE_USER)
    queue = Queue(name="Горячая линия")
    session.add_all([olga, pyotr, vera, admin, stranger, queue])
    await session.flush()
    desks = {e.login: Desk(employee_id=e.id) for e in (olga, pyotr, vera) if set(e.roles) & {*AT_A_DESK}}
    session.add_all([*desks.values(), QueueNumber(number=HOTLINE, queue_id=queue.id)])
    session.add_all([QueueMember(queue_id=queue.id, employee_id=e.id) for e in (olga, pyotr)])
    await session.flush()
    return People(olga, pyotr, vera, admin, stranger, queue, desks)
