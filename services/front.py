"""What a front door hands to a service: who asks, in which transaction, and the way to the processes."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from schemas.staff import Actor

Session = AsyncSession
"""What the doors call a transaction: SQL itself stays below."""


@dataclass(frozen=True)
class Front:
    """One request. `temporal` is the client of the processes, `queue_prefix` names their task queues.

    `zone` is the centre's: times in sentences are told in it.
    """

    actor: Actor
    session: AsyncSession
    temporal: Client
    queue_prefix: str = "pult"
    zone: tzinfo = UTC
