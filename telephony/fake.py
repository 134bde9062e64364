"""An exchange for tests of what stands above it: it remembers commands and rings as the test says."""

from datetime import UTC, datetime
from uuid import UUID

from telephony.port import Ring, RingEnd


class FakeExchange:
    """`pick_up` lets the leg win against a cancel; `unreachable` makes commands fail."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str]] = []
        self.rings: dict[str, Ring] = {}
        self.answered: dict[str, datetime] = {}
        self.cancelled: set[str] = set()
        self.hung_up: set[UUID] = set()
        self.unreachable = False

    async def ring(self, ring: Ring) -> None:
        """Remember the ring, once."""
        self._record("ring", ring.leg_id)
        self.rings.setdefault(ring.leg_id, ring)

    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Stop ringing, unless `pick_up` came first."""
        self._record("cancel_ring", leg_id)
        if leg_id not in self.answered:
            self.cancelled.add(leg_id)
        return RingEnd(answered_at=self.answered.get(leg_id))

    async def hang_up(self, call_id: UUID) -> None:
        """Remember that the call's voice is over."""
        self._record("hang_up", str(call_id))
        self.hung_up.add(call_id)

    def pick_up(self, leg_id: str, at: datetime | None = None) -> bool:
        """The desk takes the ring: False when it was cancelled first."""
        if leg_id in self.cancelled or leg_id not in self.rings:
            return False
        self.answered.setdefault(leg_id, at or datetime.now(UTC))
        return True

    def decline(self, leg_id: str) -> bool:
        """The desk refuses the ring: False when it does not ring any more."""
        if leg_id in self.answered or leg_id in self.cancelled:
            return False
        self.cancelled.add(leg_id)
        return True

    def _record(self, command: str, thing: str) -> None:
        if self.unreachable:
            raise ConnectionError("the exchange is unreachable")
        self.commands.append((command, thing))
