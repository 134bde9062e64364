"""Whether everything we stand on is there, and what the centre is doing."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from redis.asyncio import Redis
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from schemas.base import Value
from store import health, outbox
from store.health import Load
from store.outbox import OutboxState
from store.session import Database

RELAY_ALIVE = "pult:relay:alive"
RESCUED = "pult:rescued_by_net"
PATIENCE = 2.0
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ground:
    """What a web process stands on."""

    database: Database
    valkey: Redis
    temporal: Client


class Readiness(Value):
    """Each thing with what is wrong with it; None is good."""

    troubles: dict[str, str | None]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.troubles.values())


class Figures(Value):
    """What /metrics shows of the centre; None where the source is out of reach."""

    load: Load | None
    outbox: OutboxState | None
    rescued: int | None


async def get_readiness(ground: Ground) -> Readiness:
    """Ask everything at once; a thing that is slow counts as missing."""
    things = {
        "postgres": _ask(_postgres(ground.database)),
        "valkey": _ask(_valkey(ground.valkey)),
        "temporal": _ask(_temporal(ground.temporal)),
        "relay": _ask(_relay(ground.valkey)),
        "outbox": _ask(_outbox(ground.database)),
    }
    return Readiness(troubles=dict(zip(things, await asyncio.gather(*things.values()), strict=True)))


async def get_figures(ground: Ground) -> Figures:
    """Return the centre's figures, as far as they can be reached."""
    load, state = await _reach(_count(ground.database)) or (None, None)
    return Figures(load=load, outbox=state, rescued=await _reach(_rescued(ground.valkey)))


async def _reach(figures: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await figures
    except Exception as error:  # a scrape shows what it can
        log.warning("health.no_figures", extra={"error": type(error).__name__})
        return None


async def _count(database: Database) -> tuple[Load, OutboxState]:
    async with database.transaction() as session:
        return await health.get_load(session), await outbox.get_state(session)


async def _rescued(valkey: Redis) -> int:
    return int(await valkey.get(RESCUED) or 0)


async def _ask(question: Awaitable[str | None]) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await question
    except TimeoutError:
        return f"no answer in {PATIENCE:g} s"
    except Exception as error:  # whatever is wrong with it, it is not there
        return type(error).__name__


async def _postgres(database: Database) -> str | None:
    async with database.transaction() as session:
        return None if await health.is_writable(session) else "read-only"


async def _valkey(valkey: Redis) -> str | None:
    await valkey.ping()
    return None


async def _temporal(temporal: Client) -> str | None:
    """Our own namespace must be there: another server may answer on the same port."""
    await temporal.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=temporal.namespace))
    return None


async def _relay(valkey: Redis) -> str | None:
    return None if await valkey.exists(RELAY_ALIVE) else "no sign of life"


async def _outbox(database: Database) -> str | None:
    async with database.transaction() as session:
        state = await outbox.get_state(session)
    return f"{state.parked} parked" if state.parked else None
