"""Live notices: «call 42 changed». They may be lost; whoever hears one refetches under his own rights."""

import json
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy.ext.asyncio import AsyncSession

BUS = "pult:live"
EVERYBODY = "all"


def notice(session: AsyncSession, channel: str, name: str, thing: UUID | str = "") -> None:
    """Queue a notice on the session: it leaves after the commit, or never."""
    session.info.setdefault("notices", []).append((channel, name, str(thing)))


def person(employee_id: UUID) -> str:
    """Return the channel of one employee."""
    return f"person:{employee_id}"


def leg(leg_id: UUID | str) -> str:
    """Return the channel of one telephone page."""
    return f"leg:{leg_id}"


def role(name: str) -> str:
    """Return the channel of everybody in a role."""
    return f"role:{name}"


def connect_valkey(url: str) -> Redis:
    """Return a client that gives up soon: what it carries may be lost, a request must not wait for it."""
    client: Redis = Redis.from_url(
        url, decode_responses=True, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 1)
    )
    return client


class Publisher:
    """Sends the notices of a committed transaction to Valkey as one message: [[channel, name, id], …]."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey

    async def __call__(self, notices: list[tuple[str, str, str]]) -> None:
        await self._valkey.publish(BUS, json.dumps(notices))
