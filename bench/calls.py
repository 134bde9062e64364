"""Calls a second over the public API, beside a bare start-and-complete process on the same server in the same run."""

import asyncio
import time
from uuid import uuid4

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.figures import Figure, quantile
from bench.robots import Centre, Operator
from bench.whole import Whole, running
from schemas.staff import Role
from services import staff
from services.staff import API, BROWSER, Visit
from services.staff_login import hash_password
from store.call import Reason
from store.queue import Queue, QueueMember, QueueNumber
from store.session import Database
from store.staff import Employee
from worker.temporal import connect
from worker.web import create_app, rules_of

HOTLINE = "+74950000001"
OPERATORS = 8
PACE = 1.0


@workflow.defn
class Bare:
    """A process that begins and ends: the floor that calls are compared with."""

    @workflow.run
    async def run(self) -> None:
        return


async def measure(quick: bool) -> list[Figure]:
    """Serve paced calls for the latencies, then as many as eight operators can, then the bare processes."""
    paced, crowd, bare = (15, 60, 200) if quick else (120, 600, 1000)
    size = f"{OPERATORS} операторов, {paced} вызовов по одному в секунду, {crowd} подряд, {bare} пустых процессов"
    async with running() as whole:
        centre, operators = await settle(whole)
        working = [asyncio.create_task(operator.work()) for operator in operators]
        await asyncio.sleep(2)
        await phone_in_paced(centre, paced)
        latencies = centre.timings
        offers, answers, finishes = [*latencies.offer], [*latencies.answer], [*latencies.finish]
        rate = await serve_a_crowd(centre, paced, crowd)
        for one in working:
            one.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        bare_rate = await run_bare(await connect(whole.settings, lazy=False), bare)
    figures = [
        ("rate", rate, "вызовов/с", ""),
        ("bare_rate", bare_rate, "процессов/с", ""),
        ("rate_vs_bare", rate / bare_rate, "ratio", ">= 0.12"),
        ("offer_p50", quantile(offers, 0.5), "ms", ""),
        ("offer_p95", quantile(offers, 0.95), "ms", "<= 120"),
        ("answer_p95", quantile(answers, 0.95), "ms", ""),
        ("finish_p95", quantile(finishes, 0.95), "ms", "<= 100"),
    ]
    return [Figure("calls", name, value, unit, goal, size) for name, value, unit, goal in figures]


async def phone_in_paced(centre: Centre, calls: int) -> None:
    for nth in range(calls):
        await asyncio.gather(centre.phone_in(nth), asyncio.sleep(PACE))
    for _ in range(calls):
        await asyncio.wait_for(centre.served.get(), 60)


async def serve_a_crowd(centre: Centre, first: int, calls: int) -> float:
    """Keep every operator busy; return how many calls a second were served."""
    begun = time.perf_counter()
    waiting = iter(range(first, first + calls))
    await asyncio.gather(*(centre.phone_in(nth) for _, nth in zip(range(OPERATORS * 2), waiting, strict=False)))
    for _ in range(calls):
        await asyncio.wait_for(centre.served.get(), 60)
        if (nth := next(waiting, None)) is not None:
            await centre.phone_in(nth)
    return calls / (time.perf_counter() - begun)


async def run_bare(client: Client, processes: int) -> float:
    """Start and complete empty processes, eight at a time; return how many a second."""
    queue, waiting = f"bare-{uuid4().hex[:8]}", iter(range(processes))

    async def one_after_another() -> None:
        for nth in waiting:
            await client.execute_workflow(Bare.run, id=f"{queue}-{nth}", task_queue=queue)

    async with Worker(client, task_queue=queue, workflows=[Bare], workflow_runner=UnsandboxedWorkflowRunner()):
        begun = time.perf_counter()
        await asyncio.gather(*(one_after_another() for _ in range(8)))
        return processes / (time.perf_counter() - begun)


async def settle(whole: Whole) -> tuple[Centre, list[Operator]]:
    """Put a queue, a reason and the operators into the empty centre, and log them in."""
    settings = whole.settings
    database = Database(settings.database.url.get_secret_value())
    cookie, rules = create_app(settings).state.cookie, rules_of(settings)
    async with database.transaction() as session:
        queue, reason = Queue(name="Горячая линия"), Reason(name="Жалоба")
        employees = [employee(nth) for nth in range(OPERATORS)]
        session.add_all([queue, reason, *employees])
        await session.flush()
        session.add(QueueNumber(number=HOTLINE, queue_id=queue.id))
        session.add_all([QueueMember(queue_id=queue.id, employee_id=one.id) for one in employees])
        await session.flush()
        tokens = []
        for one in employees:
            kinds = [
                await staff.issue(session, rules, one, Role.OPERATOR, Visit(kind, "127.0.0.1"))
                for kind in (API, BROWSER)
            ]
            tokens.append([issued.token for issued in kinds])
    await database.close()
    centre = Centre(whole.url, str(reason.id), HOTLINE)
    return centre, [Operator(centre, api, {cookie: page}) for api, page in tokens]


def employee(nth: int) -> Employee:
    password = hash_password(f"робот-{uuid4()}")
    return Employee(login=f"robot{nth}", full_name=f"Робот {nth}", password_hash=password, roles=[Role.OPERATOR])
