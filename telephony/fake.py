"""An exchange for tests of what stands above it: it remembers commands and rings as the test says."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import DialOutcome
from store.session import afterwards
from telephony.port import Dial, Ring, RingEnd


class FakeExchange:
    """`pick_up` lets the leg win against a cancel; `unreachable` makes commands fail."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str]] = []
        self.rings: dict[str, Ring] = {}
        self.dials: dict[str, Dial] = {}
        self.heard: set[str] = set()
        self.outcome: DialOutcome | None = None
        self.answered: dict[str, datetime] = {}
        self.cancelled: set[str] = set()
        self.hung_up: set[UUID] = set()
        self.unreachable = False

    async def ring(self, ring: Ring, within: AsyncSession | None = None) -> None:
        """Remember the ring, once."""
        await self._record_after(within, "ring", ring.leg_id, lambda: self.rings.setdefault(ring.leg_id, ring))

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless `pick_up` came first."""
        self._record("cancel_ring", leg_id)
        if leg_id not in self.answered:
            self.cancelled.add(leg_id)
        return RingEnd(answered_at=self.answered.get(leg_id))

    async def dial(self, dial: Dial) -> DialOutcome | None:
        """Remember the call out; it rings unless the test says `outcome`."""
        self._record("dial", dial.number)
        self.dials.setdefault(dial.leg_id, dial)
        return self.outcome

    async def hold(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Remember the music."""
        await self._record_after(within, "hold", str(call_id))

    async def resume(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Remember that the talk goes on."""
        await self._record_after(within, "resume", str(call_id))

    async def hand_over(self, call_id: UUID, leg_id: str) -> None:
        """Remember who has the citizen."""
        self._record("hand_over", leg_id)

    async def release(self, call_id: UUID, leg_id: str, if_lost: bool = False) -> bool:
        """Let the leg go, unless the test says that its page is heard."""
        if if_lost and leg_id in self.heard:
            return False
        self._record("release", leg_id)
        return True

    async def offer_choice(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Remember that the citizen is asked."""
        await self._record_after(within, "offer_choice", str(call_id))

    async def hang_up(self, call_id: UUID, within: AsyncSession | None = None) -> None:
        """Remember that the call's voice is over."""
        await self._record_after(within, "hang_up", str(call_id), lambda: self.hung_up.add(call_id))

    def pick_up(self, leg_id: str, at: datetime | None = None) -> bool:
        """The desk takes the ring: False when it was cancelled first."""
        if leg_id in self.cancelled or leg_id not in (self.rings.keys() | self.dials.keys()):
            return False
        self.answered.setdefault(leg_id, at or datetime.now(UTC))
        return True

    def decline(self, leg_id: str) -> bool:
        """The desk refuses the ring: False when it does not ring any more."""
        if leg_id in self.answered or leg_id in self.cancelled:
            return False
        self.cancelled.add(leg_id)
        return True

    async def _record_after(
        self, within: AsyncSession | None, command: str, thing: str, then: Callable[[], object] = lambda: None
    ) -> None:
        """As an exchange outside the database does: once the transaction has committed."""

        async def act() -> None:
            self._record(command, thing)
            then()

        if within is None:
            await act()
        else:
            afterwards(within, act)

    def _record(self, command: str, thing: str) -> None:
        if self.unreachable:
            raise ConnectionError("the exchange is unreachable")
        self.commands.append((command, thing))
