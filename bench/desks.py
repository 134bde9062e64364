"""A working day of a large centre: 250 desks with their pages open, one new call a second for five minutes."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from bench.calls import SHOWN, settle
from bench.figures import Figure, quantile
from bench.processes import Usage, usage_below
from bench.robots import Centre, Operator
from bench.whole import Whole, running
from services.health import RESCUED

LOOK_EVERY = 0.5


async def measure(quick: bool) -> list[Figure]:
    """Let the desks sit, listen and serve; look at the backlog, at every process, and at what was refused."""
    desks, calls, talk = (60, 18, 2.0) if quick else (250, 300, 20.0)
    size = f"{desks} операторов, {calls} вызовов по одному в секунду, разговор {talk:g} с"
    async with running() as whole:
        centre, operators = await settle(whole, desks, talk)
        async with sitting(operators):
            begun, before = time.perf_counter(), usage_below(whole.pid)
            backlog = await phone_in(centre, calls)
            seconds, used = time.perf_counter() - begun, usage_below(whole.pid, with_memory=True)
            for _ in range(calls):
                await asyncio.wait_for(centre.served.get(), talk + 60)
        figures = [*waits(centre), ("backlog", max(backlog), "вызовов", "<= 5")]
        figures += [("left_waiting", len(centre.arrived) - len(centre.timings.offer), "вызовов", "<= 0")]
        figures += [("rescued_by_net", await rescued(whole), "вызовов", "<= 0")]
        figures += [("not_now", centre.not_now, "ответов 503", "")]
        figures += [("looks_refused", centre.looks[503], "запросов", ""), ("looks", sum(centre.looks.values()), "", "")]
    figures += shares(before, used, seconds)
    return [Figure("desks", name, value, unit, goal, size) for name, value, unit, goal in figures]


@asynccontextmanager
async def sitting(operators: list[Operator]) -> Any:
    """Every page open, coming one after another as people do."""
    async with asyncio.TaskGroup() as group:
        working = []
        for operator in operators:
            working += [group.create_task(operator.work()), group.create_task(operator.watch_the_day())]
            await asyncio.sleep(0.03)
        await asyncio.sleep(4)
        yield
        for one in working:
            one.cancel()


async def phone_in(centre: Centre, calls: int) -> list[int]:
    """One call a second; return how many were waiting for an offer, each time we looked."""
    backlog = [0]

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            backlog.append(len(centre.arrived) - len(centre.timings.offer))

    looking = asyncio.create_task(look())
    for nth in range(calls):
        await asyncio.gather(centre.phone_in(nth), asyncio.sleep(1))
    looking.cancel()
    return backlog


def waits(centre: Centre) -> Iterable[tuple[str, float, str, str]]:
    """Yield what people wait for."""
    measured = {"offer": centre.timings.offer, "answer": centre.timings.answer, "finish": centre.timings.finish}
    goals = {"offer_p95": "<= 500", "answer_p95": "<= 300"}
    for name, values in measured.items():
        for share in (50, 95):
            figure = f"{name}_p{share}"
            yield figure, quantile(values, share / 100), "ms", goals.get(figure, "")


def shares(before: dict[str, Usage], used: dict[str, Usage], seconds: float) -> list[tuple[str, float, str, str]]:
    """Return the share of one processor and the memory of each process."""
    cpu = [(f"cpu_{one}", (used[one].seconds - before[one].seconds) / seconds * 100, "% ядра", "") for one in SHOWN]
    return cpu + [(f"memory_{one}", used[one].megabytes, "МБ", "") for one in SHOWN]


async def rescued(whole: Whole) -> int:
    """Return how many calls the net had to match."""
    valkey: Redis = Redis.from_url(whole.settings.valkey.url.get_secret_value(), decode_responses=True)
    count = int(await valkey.get(RESCUED) or 0)
    await valkey.aclose()
    return count
