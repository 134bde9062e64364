"""Web line: who has voice with whom, from the answer to the hang-up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import ServingRole
from schemas.call_news import CallerHungUp, MediaLost, OperatorHungUp, OperatorReturned
from schemas.line import LegSide, LegState
from store import outbox
from store.base import clock
from store.line import LineLeg, become, end, lock_call

IN_TALK = (LegState.TALKING, LegState.HELD)


class Legs:
    """The legs of one call. The citizen's peer is who has him; a third open leg is the target of a hand-over."""

    def __init__(self, legs: Sequence[LineLeg]) -> None:
        self.all = legs

    def find(self, leg_id: UUID | None) -> LineLeg | None:
        """Return a leg by its id."""
        return next((leg for leg in self.all if leg.id == leg_id), None)

    @property
    def citizen(self) -> LineLeg | None:
        """The leg of whom the call is about."""
        mains = (ServingRole.MAIN, ServingRole.OUTBOUND)
        return next((leg for leg in self.all if leg.side is LegSide.CITIZEN and leg.role in mains), None)

    @property
    def holder(self) -> LineLeg | None:
        """The open leg that has the citizen."""
        citizen = self.citizen
        holder = self.find(citizen.peer_id) if citizen else None
        return holder if holder and holder.state is not LegState.ENDED else None

    @property
    def target(self) -> LineLeg | None:
        """The open leg of whom the citizen is handed to."""
        mains = (self.citizen, self.holder)
        return next((leg for leg in self.all if leg.state is not LegState.ENDED and leg not in mains), None)


async def hold(session: AsyncSession, call_id: UUID) -> None:
    """Give the citizen music, and his desk silence."""
    legs = Legs(await lock_call(session, call_id))
    if legs.citizen and legs.holder and legs.citizen.state is LegState.TALKING:
        for leg in (legs.citizen, legs.holder):
            await become(session, leg, LegState.HELD)


async def resume(session: AsyncSession, call_id: UUID) -> None:
    """Give the citizen and his desk their voice back; whoever was consulted goes."""
    legs = Legs(await lock_call(session, call_id))
    if legs.target is not None:
        await end(session, legs.target, ended_by="taken_back")
    await _rejoin(session, legs)


async def _rejoin(session: AsyncSession, legs: Legs) -> None:
    citizen, holder = legs.citizen, legs.holder
    if citizen is None or holder is None or citizen.state is not LegState.HELD:
        return
    await become(session, citizen, LegState.PARKED if holder.lost_at else LegState.TALKING, peer=holder)
    await become(session, holder, LegState.TALKING, peer=citizen)


async def hand_over(session: AsyncSession, call_id: UUID, leg_id: UUID) -> None:
    """Give the citizen this leg; the desk that had him is let go."""
    legs = Legs(await lock_call(session, call_id))
    target, citizen = legs.find(leg_id), legs.citizen
    is_done = citizen is None or target is None or citizen.peer_id == target.id
    if is_done or LegState.ENDED in (citizen.state, target.state):  # type: ignore[union-attr]
        return
    await _connect(session, legs, target)  # type: ignore[arg-type]


async def _connect(session: AsyncSession, legs: Legs, target: LineLeg) -> None:
    citizen, giver = legs.citizen, legs.holder
    assert citizen is not None
    await become(session, citizen, LegState.TALKING, peer=target)
    await become(session, target, LegState.TALKING, peer=citizen)
    if giver is not None:
        await end(session, giver, ended_by="transferred")


async def release(session: AsyncSession, call_id: UUID, leg_id: UUID, if_lost: bool = False) -> bool:
    """Let a desk's leg go while the citizen waits with music; False when its page is there after all."""
    legs = Legs(await lock_call(session, call_id))
    leg, citizen = legs.find(leg_id), legs.citizen
    if leg is not None and leg.state is not LegState.ENDED and if_lost and leg.lost_at is None:
        return False
    await end(session, *filter(None, (leg, legs.target)), ended_by="lost" if if_lost else "transferred")
    if citizen is not None and citizen.state is not LegState.ENDED:
        await become(session, citizen, LegState.WAITING)
        citizen.peer_id = None
    return True


async def offer_choice(session: AsyncSession, call_id: UUID) -> None:
    """Ask the waiting citizen what else he wants."""
    citizen = Legs(await lock_call(session, call_id)).citizen
    if citizen is not None and citizen.state is LegState.WAITING:
        await become(session, citizen, LegState.CHOOSING)


# --- the end


async def end_call(session: AsyncSession, call_id: UUID, ended_by: str) -> bool:
    """End every leg of the call; return False when all had ended."""
    legs = [leg for leg in await lock_call(session, call_id) if leg.state is not LegState.ENDED]
    await end(session, *legs, ended_by=ended_by)
    return bool(legs)


async def hang_up(session: AsyncSession, leg: LineLeg, ended_by: str = "") -> None:
    """The page of this leg hung up, or is gone: end its voice, and the call's unless it is being handed over."""
    legs = Legs(await lock_call(session, leg.call_id))
    if leg.state is LegState.ENDED:
        return
    ended_by = ended_by or leg.side
    if leg is legs.citizen:
        await end_call(session, leg.call_id, ended_by)
        news = CallerHungUp(leg_id=str(leg.id), at=await clock(session))
        outbox.signal_call(session, leg.call_id, "caller_hung_up", news)
        return
    await _report_hang_up(session, leg)
    if leg is legs.holder:
        await _leave_citizen(session, legs, leg, ended_by)
    else:
        await end(session, leg, ended_by=ended_by)
        await _rejoin(session, legs)


async def _leave_citizen(session: AsyncSession, legs: Legs, leg: LineLeg, ended_by: str) -> None:
    """Nobody who is being handed over is lost: he gets the target, or music until the target answers."""
    if legs.target is None:
        await end_call(session, leg.call_id, ended_by)
    elif legs.target.state is LegState.TALKING:
        await _connect(session, legs, legs.target)
    else:
        await end(session, leg, ended_by=ended_by)


async def cut(session: AsyncSession, call_id: UUID) -> None:
    """End the voice by an order of the process, which needs no news of what it has done itself."""
    await end_call(session, call_id, "exchange")


async def _report_hang_up(session: AsyncSession, leg: LineLeg) -> None:
    news = OperatorHungUp(leg_id=str(leg.id), at=await clock(session))
    outbox.signal_call(session, leg.call_id, "operator_hung_up", news)


# --- a page that is gone


async def mark_lost(session: AsyncSession, leg: LineLeg) -> bool:
    """The page of the desk that has the citizen is gone: he hears music; False when this is known or not so."""
    legs = Legs(await lock_call(session, leg.call_id))
    if leg is not legs.holder or leg.state not in IN_TALK or leg.lost_at is not None:
        return False
    leg.lost_at = await clock(session)
    if legs.citizen is not None and legs.citizen.state is LegState.TALKING:
        await become(session, legs.citizen, LegState.PARKED)
    outbox.signal_call(session, leg.call_id, "media_lost", MediaLost(leg_id=str(leg.id), at=leg.lost_at))
    return True


async def mark_back(session: AsyncSession, leg: LineLeg) -> bool:
    """The page is back; False when it was not gone."""
    legs = Legs(await lock_call(session, leg.call_id))
    if leg.lost_at is None or leg.state is LegState.ENDED:
        return False
    leg.lost_at = None
    if legs.citizen is not None and legs.citizen.state is LegState.PARKED:
        await become(session, legs.citizen, LegState.TALKING)
    news = OperatorReturned(leg_id=str(leg.id), at=await clock(session))
    outbox.signal_call(session, leg.call_id, "operator_returned", news)
    return True
