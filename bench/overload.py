"""Three times as many pages are asked for as the web can make (I22): calls are answered in time, nothing breaks."""

import asyncio
import time
from collections import Counter
from itertools import cycle

from bench.calls import OPERATORS, at_work, serve_a_crowd, settle
from bench.figures import Figure, quantile
from bench.robots import AS_HTMX, Centre, Operator
from bench.whole import running
from bench.wire import Wire

TIMES = 3
WINDOWS, CONNECTIONS = 8, 120
PAGES = ("/journal", "/home", "/home/figures")
PACE = 1.0
GIVE_UP = 20.0


async def measure(quick: bool) -> list[Figure]:
    """Find out how many pages a second the web makes, then ask for three times as many while people phone in."""
    warm, seconds, calls = (20, 3, 15) if quick else (60, 10, 60)
    size = f"{OPERATORS} операторов, {calls} вызовов по одному в секунду, страниц втрое больше, чем можно сделать"
    async with running() as whole:
        centre, operators = await settle(whole, OPERATORS)
        async with at_work(operators):
            await serve_a_crowd(centre, 0, warm, whole.pid)
            capacity = await at_most(operators, seconds)
            quiet = await accepted(centre, warm, calls)
            pages = Pages(operators)
            flood = asyncio.create_task(pages.ask_openly(capacity * TIMES))
            await asyncio.sleep(2)
            loaded = await accepted(centre, warm + calls, calls)
            flood.cancel()
    said = pages.said
    figures = [
        ("capacity", capacity, "страниц/с", ""),
        ("asked", sum(said.values()) / pages.seconds, "страниц/с", f">= {capacity * TIMES * 0.9:.0f}"),
        ("accept_quiet_p95", quantile(quiet, 0.95), "ms", ""),
        ("accept_p50", quantile(loaded, 0.5), "ms", ""),
        ("accept_p95", quantile(loaded, 0.95), "ms", "<= 300"),
        ("served", said[200] / pages.seconds, "страниц/с", ">= 1"),
        ("shed", said[503] / pages.seconds, "ответов 503/с", ""),
        ("broken", sum(count for status, count in said.items() if status not in (200, 503)), "ответов", "<= 0"),
        ("left_waiting", len(centre.arrived) - len(centre.timings.accept), "вызовов", "<= 0"),
    ]
    return [Figure("overload", name, value, unit, goal, size) for name, value, unit, goal in figures]


async def accepted(centre: Centre, first: int, calls: int) -> list[float]:
    """Phone in one call a second; return how long each answer took."""
    before = len(centre.timings.accept)
    for nth in range(first, first + calls):
        await asyncio.gather(centre.phone_in(nth), asyncio.sleep(PACE))
    for _ in range(calls):
        await asyncio.wait_for(centre.served.get(), 60)
    return centre.timings.accept[before:]


async def at_most(operators: list[Operator], seconds: float) -> float:
    """Return how many pages a second eight windows get, each asking again when it has its answer."""
    until, done = time.perf_counter() + seconds, 0

    async def browse(wire: Wire) -> None:
        nonlocal done
        for page in cycle(PAGES):
            if time.perf_counter() > until:
                return
            if (await wire.ask("GET", page, headers=AS_HTMX)).status == 200:
                done += 1

    await asyncio.gather(*(browse(operators[nth % len(operators)].window()) for nth in range(WINDOWS)))
    return done / seconds


class Pages:
    """An open loop: a page is asked for whether or not earlier ones were answered."""

    def __init__(self, operators: list[Operator]) -> None:
        self.said: Counter[int] = Counter()
        self._begun = self._ended = 0.0
        self._idle: list[Wire] = [operators[nth % len(operators)].window() for nth in range(CONNECTIONS)]

    @property
    def seconds(self) -> float:
        return self._ended - self._begun

    async def ask_openly(self, rate: float) -> None:
        """Ask until cancelled; a request that finds every connection busy counts as one that nobody answered."""
        self._begun = time.perf_counter()
        asked = 0
        try:
            async with asyncio.TaskGroup() as group:
                for page in cycle(PAGES):
                    asked += 1
                    await asyncio.sleep(max(0.0, self._begun + asked / rate - time.perf_counter()))
                    if self._idle:
                        group.create_task(self._ask(self._idle.pop(), page))
                    else:
                        self.said[0] += 1
        finally:
            self._ended = time.perf_counter()

    async def _ask(self, wire: Wire, page: str) -> None:
        try:
            async with asyncio.timeout(GIVE_UP):
                answer = await wire.ask("GET", page, headers=AS_HTMX)
            self.said[answer.status] += 1
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            self.said[0] += 1
        self._idle.append(wire)
