"""What a process does to the voice of a talk."""

from datetime import datetime
from uuid import UUID

from temporalio import activity

from schemas.base import Value
from schemas.call import CallStage
from schemas.call_order import HoldCall, ResumeCall
from store import call_stage, call_voice, queue
from store.base import routing_lock
from store.session import Database
from telephony.port import Exchange


class SwitchHold(Value):
    """The order to hold, or to resume, for one call."""

    call_id: UUID
    order: HoldCall | ResumeCall
    held: bool


class LostPage(Value):
    """A desk's leg whose page was gone at this time."""

    call_id: UUID
    leg_id: str
    at: datetime


class VoiceActivities:
    """The acts of a talk over a database and a telephone exchange."""

    def __init__(self, database: Database, exchange: Exchange) -> None:
        self._database = database
        self._exchange = exchange

    @activity.defn
    async def hang_up(self, call_id: UUID) -> None:
        """End the voice; the exchange reports it as news."""
        await self._exchange.hang_up(call_id)

    @activity.defn
    async def switch_hold(self, order: SwitchHold) -> None:
        """Give the citizen music, or the operator."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, order.call_id)
            await call_voice.switch_hold(session, call, order.order.key, order.order.actor_id, order.held)
            await (self._exchange.hold if order.held else self._exchange.resume)(order.call_id, within=session)

    @activity.defn
    async def park_call(self, lost: LostPage) -> None:
        """Write that the citizen hears music: the exchange gave it to him at once."""
        async with self._database.transaction() as session:
            await call_voice.park(session, await call_stage.lock(session, lost.call_id), lost.leg_id, lost.at)

    @activity.defn
    async def note_return(self, lost: LostPage) -> None:
        """Write that the operator is back."""
        async with self._database.transaction() as session:
            await call_voice.note_return(session, await call_stage.lock(session, lost.call_id), lost.leg_id, lost.at)

    @activity.defn
    async def leave_desk(self, lost: LostPage) -> CallStage:
        """Bring the citizen to the head of his queue, unless the page is back; without a queue the talk is over."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, lost.call_id)
            has_queue, stage = call.queue_id is not None, call.stage
        if not has_queue:
            await self._exchange.hang_up(lost.call_id)
            return CallStage.POST_PROCESSING
        is_released = await self._exchange.release(lost.call_id, lost.leg_id, if_lost=True)
        if not is_released and stage is CallStage.TALKING:
            return CallStage.TALKING
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, lost.call_id)
            await call_voice.leave_desk(session, call, "page_lost")
            await queue.match(session)
        return CallStage.WAITING
