"""The port to a telephone exchange: commands we give; its news come through the outbox as workflow signals."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from schemas.base import Value


class Ring(Value):
    """Ring one desk for one call. The same `leg_id` twice rings once."""

    call_id: UUID
    token: UUID
    leg_id: str
    desk_id: UUID
    citizen_leg_id: str
    caller: str
    seconds: int


class RingEnd(Value):
    """How the leg, which is the referee, ended a ring: `answered_at` is set when it was answered first."""

    answered_at: datetime | None = None


class Exchange(Protocol):
    """Commands connect voice at once and may be repeated; they raise ConnectionError when unreachable."""

    async def ring(self, ring: Ring) -> None:
        """Ring the desk's phone."""

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless the leg was answered first."""

    async def hang_up(self, call_id: UUID) -> None:
        """End every leg of the call."""
