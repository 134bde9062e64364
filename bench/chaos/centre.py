"""The empty centre of the suite: one queue, one reason, desks enough for every call of a scene."""

from dataclasses import dataclass
from uuid import uuid4

from bench.chaos.log import Log
from bench.chaos.machine import Machine
from bench.chaos.operator import Operator
from config.settings import Settings
from schemas.staff import Role
from services import staff
from services.staff import API, BROWSER, Visit
from services.staff_login import hash_password
from store.call import Reason
from store.queue import Queue, QueueMember, QueueNumber
from store.session import Database
from store.staff import Employee
from worker.web import create_app, rules_of

HOTLINE = "+74950000001"


@dataclass(frozen=True)
class Centre:
    """Who is at work, and what is dialled."""

    url: str
    operators: list[Operator]
    dialled: str = HOTLINE


async def settle(machine: Machine, settings: Settings, log: Log, desks: int, ring_seconds: int) -> Centre:
    """Put the queue, the reason and the operators into the empty centre, and log them in."""
    database = Database(settings.database.url.get_secret_value())
    cookie, rules = create_app(settings).state.cookie, rules_of(settings)
    operators = []
    async with database.transaction() as session:
        queue, reason = Queue(name="Горячая линия", ring_seconds=ring_seconds), Reason(name="Жалоба")
        employees = [employee(nth) for nth in range(desks)]
        session.add_all([queue, reason, *employees])
        await session.flush()
        session.add(QueueNumber(number=HOTLINE, queue_id=queue.id))
        session.add_all([QueueMember(queue_id=queue.id, employee_id=one.id) for one in employees])
        await session.flush()
        for one in employees:
            tokens = [
                (await staff.issue(session, rules, one, Role.OPERATOR, Visit(kind, "127.0.0.1"))).token
                for kind in (API, BROWSER)
            ]
            operator = Operator(one.login, machine.url, log, tokens[0], {cookie: tokens[1]})
            operator.reason = str(reason.id)
            operators.append(operator)
    await database.close()
    return Centre(machine.url, operators)


def employee(nth: int) -> Employee:
    password = hash_password(f"робот-{uuid4()}")
    return Employee(login=f"robot{nth}", full_name=f"Робот {nth}", password_hash=password, roles=[Role.OPERATOR])
