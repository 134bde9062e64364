"""The port to a telephone exchange: commands we give; its news come through the outbox as workflow signals."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.base import Value
from schemas.call import DialOutcome, ServingRole


class Ring(Value):
    """Ring one desk for one call. The same `leg_id` twice rings once. Who answers has voice with `peer_leg_id`."""

    call_id: UUID
    token: UUID
    leg_id: str
    desk_id: UUID
    peer_leg_id: str
    role: ServingRole = ServingRole.MAIN
    caller: str
    seconds: int


class RingEnd(Value):
    """How the leg, which is the referee, ended a ring: `answered_at` is set when it was answered first."""

    answered_at: datetime | None = None


class Dial(Value):
    """Call a number for a call. With `desk_id` the peer is that desk's own new leg; else it is in the call already."""

    call_id: UUID
    leg_id: str
    number: str
    peer_leg_id: str
    desk_id: UUID | None = None
    role: ServingRole = ServingRole.OUTBOUND


class Exchange(Protocol):
    """Commands connect voice at once and may be repeated; they raise ConnectionError when unreachable.

    A call has a citizen's leg and a desk's; in a hand-over also the leg of the target. News tell what they do.
    `within` is the transaction that orders a command: an exchange in our own tables takes part in it, any other acts
    once it has committed (`store.session.afterwards`). Without one a command acts at once.
    """

    async def ring(self, ring: Ring, within: AsyncSession | None = None) -> None:
        """Ring the desk's phone. In a hand-over who answers takes the citizen over, or consults with the desk."""

    async def dial(self, dial: Dial) -> DialOutcome | None:
        """Call a number; None while it rings, else why it does not."""

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless the leg was answered first."""

    async def hold(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Give the citizen music, and his desk silence."""

    async def resume(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Give the citizen and his desk their voice back; whoever was consulted goes."""

    async def hand_over(self, call_id: UUID, leg_id: str) -> None:
        """Give the citizen this leg; the desk that had him is let go."""

    async def release(self, call_id: UUID, leg_id: str, if_lost: bool = False) -> bool:
        """Let a desk's leg go while the citizen waits with music; `if_lost`: only while its page is gone."""

    async def offer_choice(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Ask the waiting citizen whether he leaves a message or wants to be called back."""

    async def hang_up(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """End every leg of the call. Who orders it needs no news of it, and must bear one."""
