"""What the process of an outbound call does before the talk."""

from datetime import datetime
from uuid import UUID

from temporalio import activity

from schemas.base import Value
from schemas.call import CallStage, DialOutcome
from store import call_dial, call_stage
from store.session import Database
from telephony.port import Dial, Exchange


class DialCallee(Value):
    """Call the number of an outbound call; the desk hears it in a leg of its own."""

    call_id: UUID
    operator_leg_id: str


class Dialled(Value):
    """Who calls; `outcome` is None while it rings."""

    employee_id: UUID | None
    outcome: DialOutcome | None = None


class ConnectCallee(Value):
    """The called one answered."""

    call_id: UUID
    at: datetime


class EndDial(Value):
    """Nobody answered."""

    call_id: UUID
    outcome: DialOutcome


class DialActivities:
    """The acts of calling out over a database and a telephone exchange."""

    def __init__(self, database: Database, exchange: Exchange) -> None:
        self._database = database
        self._exchange = exchange

    @activity.defn
    async def dial_callee(self, order: DialCallee) -> Dialled:
        """Call the number; a call that has ended meanwhile is not dialled."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, order.call_id)
            serving = await call_dial.find_serving(session, call.id)
        if serving is None or call.stage is not CallStage.RINGING:
            return Dialled(employee_id=call.employee_id, outcome=DialOutcome.CANCELLED)
        dial = Dial(
            call_id=call.id,
            leg_id=call.leg_id,
            number=call.number,
            peer_leg_id=order.operator_leg_id,
            desk_id=serving.desk_id,
        )
        return Dialled(employee_id=serving.employee_id, outcome=await self._exchange.dial(dial))

    @activity.defn
    async def connect_callee(self, order: ConnectCallee) -> None:
        """Begin the talk."""
        async with self._database.transaction() as session:
            await call_dial.connect(session, await call_stage.lock(session, order.call_id), order.at)

    @activity.defn
    async def end_dial(self, order: EndDial) -> CallStage:
        """Begin post-processing with the true outcome, and end what is left of the voice."""
        async with self._database.transaction() as session:
            stage = await call_dial.end(session, await call_stage.lock(session, order.call_id), order.outcome)
            await self._exchange.hang_up(order.call_id, within=session)
            return stage
