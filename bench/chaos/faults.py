"""The faults by their numbers; each is over, and undone, when its function returns."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from redis.asyncio import Redis

from bench.chaos.machine import PROGRAMS, Machine, NotRunning
from bench.chaos.operator import Operator
from bench.chaos.page import Departure

SHORT = 5.0
COMPARED, STORM = "ничего (для сравнения)", "наугад: kill -9 каждые 2-5 с, шесть раз"
Inflict = Callable[[Machine, Sequence[Operator], Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """Something that happens to the machine in the middle of calls."""

    code: str
    words: str
    inflict: Inflict


def kill(program: str) -> Inflict:
    """Kill a program outright, with its children."""

    async def inflict(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
        machine.send(signal.SIGKILL, program)

    return inflict


def freeze(program: str, seconds: float) -> Inflict:
    """Stop a program in its tracks, and let it go on after a while."""

    async def inflict(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
        machine.send(signal.SIGSTOP, program)
        try:
            await asyncio.sleep(seconds)
        finally:
            machine.send(signal.SIGCONT, program)

    return inflict


async def nothing(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
    """The row to compare with."""


async def flush_valkey(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
    async with Redis.from_url(machine.environment["VALKEY__URL"]) as valkey:
        await valkey.flushall()


async def cut_the_power(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
    await machine.cut_the_power()


async def roll(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
    """Change the versions of worker and web: a new worker beside the old one first, the web with its short gap."""
    beside = await machine.start_beside("worker")
    machine.send(signal.SIGTERM, "worker")  # only those that the supervisor keeps are found
    machine.send(signal.SIGTERM, "web")
    await asyncio.sleep(1)
    await machine.is_back()
    beside.terminate()
    await beside.wait()


def storm(deaths: int) -> Inflict:
    """Kill whatever the dice say, every two to five seconds."""

    async def inflict(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
        for _ in range(deaths):
            with suppress(NotRunning):  # it has not come back yet
                machine.send(signal.SIGKILL, random.choice(list(PROGRAMS)))
            await asyncio.sleep(random.uniform(2, 5))

    return inflict


def vanish(longest: float) -> Inflict:
    """Pages of operators go: reloaded, crashed, gone for long, or put aside for a second device; every fifth stays."""
    ways = [Departure(1.5, says_so=True), Departure(3), Departure(0.5, is_second=True), Departure(longest)]

    async def inflict(machine: Machine, operators: Sequence[Operator], random: Random) -> None:
        alone = [one for one in operators if not one.is_consulting]  # the others wait for each other's word
        chosen = random.sample(alone, len(alone))
        for nth, operator in enumerate(chosen):
            if way := [*ways, None][nth % (len(ways) + 1)]:
                operator.vanish(way)

    return inflict


def faults(freeze_seconds: float) -> list[Fault]:
    """Return every fault of the suite, in the order of their numbers; those that take long only in a long run."""
    is_long = freeze_seconds > SHORT
    more = [Fault("F0", COMPARED, nothing), Fault("storm", STORM, storm(6))] if is_long else []
    return [
        *more,
        Fault("F1", "worker: kill -9", kill("worker")),
        Fault("F2", "web: kill -9", kill("web")),
        Fault("F3", "Temporal: kill -9", kill("temporal")),
        Fault("F4", "PostgreSQL: kill -9", kill("postgres")),
        Fault("F5", "Valkey: kill -9", kill("valkey")),
        Fault("F5f", "Valkey: FLUSHALL", flush_valkey),
        Fault("F6", f"PostgreSQL: SIGSTOP {freeze_seconds:g} с", freeze("postgres", freeze_seconds)),
        Fault("F7", f"web: SIGSTOP {freeze_seconds:g} с", freeze("web", freeze_seconds)),
        Fault("F12", "worker и web: перезапуск по очереди", roll),
        Fault("F13", "страницы операторов: исчезли, второе устройство", vanish(26 if is_long else 5)),
        Fault("F14", "всё сразу: kill -9", cut_the_power),
        Fault("relay", "relay: kill -9", kill("relay")),
        Fault("documents", "documents: kill -9", kill("documents")),
    ]
