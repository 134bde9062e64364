"""Calls a second over the public API, beside a bare start-and-complete process on the same server in the same run."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from statistics import fmean
from typing import NamedTuple
from uuid import uuid4

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.figures import Figure, quantile
from bench.histories import costs
from bench.processes import usage_below
from bench.robots import Centre, Operator, Timings
from bench.whole import Whole, running
from schemas.staff import Role
from services import staff
from services.staff import API, BROWSER, Visit
from store.call import Reason
from store.queue import Queue, QueueMember, QueueNumber
from store.session import Database
from store.staff import Employee
from worker.temporal import connect
from worker.web import create_app, rules_of

HOTLINE = "+74950000001"
OPERATORS = 8
PACE = 1.0
ROUNDS, QUICK_ROUNDS = 6, 2
"""Crowd and bare processes take turns: a machine whose speed changes from minute to minute is the same for both."""
MORE = OPERATORS * 3
"""Calls, and bare processes, before and after the measured ones: nobody's beginning and end are measured."""
SHOWN = ("web", "worker", "relay", "postgres", "temporal", "valkey")


@workflow.defn
class Bare:
    """A process that begins and ends: the floor that calls are compared with."""

    @workflow.run
    async def run(self) -> None:
        return


async def measure(quick: bool) -> list[Figure]:
    """Serve paced calls for the latencies; then, in turn, as many as eight operators can and the bare processes."""
    rounds, paced, crowd, bare = (QUICK_ROUNDS, 10, 40, 150) if quick else (ROUNDS, 120, 100, 200)
    size = f"{OPERATORS} операторов, {paced} вызовов по одному в секунду, {rounds} раз {crowd} подряд и {bare} пустых"
    async with running() as whole:
        centre, operators = await settle(whole, OPERATORS)
        client = await connect(whole.settings, lazy=False)
        async with at_work(operators):
            await phone_in_paced(centre, paced)
            latencies = latencies_of(centre.timings)
            crowds, floors = [], []
            for nth in range(rounds):
                crowds.append(await serve_a_crowd(centre, paced + nth * (crowd + MORE), crowd, whole.pid))
                floors.append(await run_bare(client, bare))
        cost = await costs(client)
    rate = rounds * crowd / sum(one.seconds for one in crowds)
    bare_rate = rounds * bare / sum(floors)
    figures = [
        ("rate", rate, "вызовов/с", ""),
        ("bare_rate", bare_rate, "процессов/с", ""),
        ("rate_vs_bare", rate / bare_rate, "ratio", ">= 0.12"),
        *latencies,
        ("history_events", fmean(one.events for one in cost), "событий", "<= 70"),
        ("billable_actions", fmean(one.actions for one in cost), "действий", "<= 16"),
        ("most_actions", max(one.actions for one in cost), "действий", ""),
        *((f"cpu_{one}", fmean(each.cpu[one] for each in crowds) * 1000 / crowd, "ms/вызов", "") for one in SHOWN),
    ]
    return [Figure("calls", name, value, unit, goal, size) for name, value, unit, goal in figures]


def latencies_of(timings: Timings) -> list[tuple[str, float, str, str]]:
    """Return the halves and the tails of what people wait for."""
    goals = {"offer_p95": "<= 120", "finish_p95": "<= 100"}
    measured = {"offer": timings.offer, "answer": timings.answer, "hold": timings.hold, "finish": timings.finish}
    shares = [(name, share) for name in measured for share in (50, 95)]
    return [
        (f"{name}_p{share}", quantile(measured[name], share / 100), "ms", goals.get(f"{name}_p{share}", ""))
        for name, share in shares
    ]


@asynccontextmanager
async def at_work(operators: Sequence[Operator]) -> AsyncIterator[None]:
    """Every operator at his desk; the first trouble of one ends the measuring."""
    async with asyncio.TaskGroup() as group:
        working = [group.create_task(operator.work()) for operator in operators]
        await asyncio.sleep(2)
        yield
        for one in working:
            one.cancel()


async def phone_in_paced(centre: Centre, calls: int) -> None:
    for nth in range(calls):
        await asyncio.gather(centre.phone_in(nth), asyncio.sleep(PACE))
    for _ in range(calls):
        await asyncio.wait_for(centre.served.get(), 60)


class Crowd(NamedTuple):
    """How long a crowd took to be served, and the seconds of CPU of each process meanwhile."""

    seconds: float
    cpu: dict[str, float]


async def serve_a_crowd(centre: Centre, first: int, calls: int, pid: int) -> Crowd:
    """Measure so many calls while every operator is busy: somebody waits from before the first to after the last."""
    waiting = iter(range(first, first + calls + MORE))
    await asyncio.gather(*(centre.phone_in(nth) for _, nth in zip(range(OPERATORS * 2), waiting, strict=False)))
    await serve(centre, waiting, OPERATORS)
    before, begun = usage_below(pid), time.perf_counter()
    await serve(centre, waiting, calls)
    seconds, used = time.perf_counter() - begun, usage_below(pid)
    await serve(centre, waiting, MORE - OPERATORS)
    return Crowd(seconds, {name: used[name].seconds - before[name].seconds for name in SHOWN})


async def serve(centre: Centre, waiting: Iterator[int], calls: int) -> None:
    for _ in range(calls):
        await asyncio.wait_for(centre.served.get(), 60)
        if (nth := next(waiting, None)) is not None:
            await centre.phone_in(nth)


async def run_bare(client: Client, processes: int) -> float:
    """Start and complete empty processes, eight at a time; return how long so many took in the midst of others."""
    queue, ended = f"bare-{uuid4().hex[:8]}", list[float]()
    waiting = iter(range(processes + MORE))

    async def one_after_another() -> None:
        for nth in waiting:
            await client.execute_workflow(Bare.run, id=f"{queue}-{nth}", task_queue=queue)
            ended.append(time.perf_counter())

    await asyncio.sleep(1)  # what the crowd has left to do
    async with Worker(client, task_queue=queue, workflows=[Bare], workflow_runner=UnsandboxedWorkflowRunner()):
        await asyncio.gather(*(one_after_another() for _ in range(OPERATORS)))
    warm = MORE - OPERATORS
    return ended[warm + processes - 1] - ended[warm - 1]


async def settle(whole: Whole, operators: int, talk: float = 0.0) -> tuple[Centre, list[Operator]]:
    """Put a queue, a reason and the operators into the empty centre, and log them in."""
    settings = whole.settings
    database = Database(settings.database.url.get_secret_value())
    cookie, rules = create_app(settings).state.cookie, rules_of(settings)
    async with database.transaction() as session:
        queue, reason = Queue(name="Горячая линия"), Reason(name="Жалоба")
        employees = [employee(nth) for nth in range(operators)]
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
    centre = Centre(whole.url, str(reason.id), HOTLINE, talk)
    return centre, [Operator(centre, api, {cookie: page}) for api, page in tokens]


def employee(nth: int) -> Employee:
    """A robot has its tokens and no password."""
    return Employee(login=f"robot{nth}", full_name=f"Робот {nth}", password_hash="!", roles=[Role.OPERATOR])
