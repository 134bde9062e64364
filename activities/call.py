"""What a call's process does to the world: short, repeatable, one transaction each."""

from datetime import datetime, tzinfo
from uuid import UUID

from temporalio import activity

from schemas import calendar
from schemas.base import Value
from schemas.call import ENDS, CallStage, OfferState, Party, ServingRole, StartCall
from schemas.call_state import Offer as OfferValue
from schemas.queue import QueuePolicy
from store import call_offer, call_stage
from store import queue as queue_store
from store.base import routing_lock
from store.call import Call, Offer, Serving
from store.queue import Queue, policy_of
from store.session import Database
from telephony.port import Exchange, Ring, RingEnd


class Opened(Value):
    """What the process learns at its start."""

    stage: CallStage
    policy: QueuePolicy = QueuePolicy()


class Sought(Value):
    """The offer that was found, if any; `is_over` when SQL says that the call has ended."""

    token: UUID | None = None
    is_over: bool = False


class RingOperator(Value):
    """Ring the desk of this offer; `seconds` is the ring's limit. Who answers has voice with `peer_leg_id`."""

    token: UUID
    seconds: int
    peer_leg_id: str
    role: ServingRole = ServingRole.MAIN


class CloseOffer(Value):
    """End a ring unanswered; after `misses_to_break` misses in a row the desk goes to a break."""

    call_id: UUID
    token: UUID
    state: OfferState
    misses_to_break: int


class Connect(Value):
    """The desk answered its offer."""

    call_id: UUID
    token: UUID
    at: datetime


class EndTalk(Value):
    """The talk is over."""

    call_id: UUID
    at: datetime
    by: Party


class EndCall(Value):
    """The call ends unserved."""

    call_id: UUID
    stage: CallStage
    by: Party


class CallActivities:
    """The acts of a call over a database and a telephone exchange."""

    def __init__(self, database: Database, exchange: Exchange, zone: tzinfo) -> None:
        self._database = database
        self._exchange = exchange
        self._zone = zone

    @activity.defn
    async def open_call(self, begun: StartCall) -> Opened:
        """Write the call's row, or return the one there is; of a call that has ended the voice ends too."""
        async with self._database.transaction() as session:
            queue = await queue_store.find_by_number(session, begun.dialled)
            is_open = queue is None or calendar.is_open(queue.hours, begun.at, self._zone)
            call = await call_stage.add(session, begun, queue, is_open)
            opened = Opened(stage=call.stage)
            if call.queue_id is not None:
                opened = Opened(stage=call.stage, policy=policy_of(await session.get_one(Queue, call.queue_id)))
            if opened.stage is CallStage.CHOOSING:
                await self._exchange.offer_choice(begun.call_id, within=session)
            if opened.stage in ENDS:
                await self._exchange.hang_up(begun.call_id, within=session)  # nobody else would tell the citizen
            return opened

    @activity.defn
    async def seek_operator(self, call_id: UUID) -> Sought:
        """Return the call's open offer, or match and return the one that was made, or None: news will come."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, call_id)
            if call.stage in ENDS:
                return Sought(is_over=True)
            if offer := await call_offer.find_open(session, call_id):
                return Sought(token=offer.token)
            call.stage, call.silent_since = CallStage.WAITING, None
            await session.flush()
            return Sought(token=await queue_store.match(session, asking=call_id))

    @activity.defn
    async def ring_operator(self, order: RingOperator) -> OfferValue | None:
        """Take the offer (its deadline starts now) and ring the desk; None when it is no longer to be rung."""
        async with self._database.transaction() as session:
            offer = await call_offer.take(session, order.token, order.seconds)
            if offer is None:
                return None
            ring = _ring(await session.get_one(Call, offer.call_id), offer, order)
            serving = await session.get_one(Serving, offer.serving_id)
            await self._exchange.ring(ring, within=session)
        return OfferValue(
            token=offer.token,
            desk_id=offer.desk_id,
            employee_id=serving.employee_id,
            leg_id=offer.leg_id,
            deadline=offer.deadline or offer.made_at,
        )

    @activity.defn
    async def cancel_ring(self, leg_id: str) -> RingEnd:
        """Ask the leg, which is the referee, to stop ringing."""
        return await self._exchange.cancel_ring(leg_id)

    @activity.defn
    async def close_offer(self, order: CloseOffer) -> UUID | None:
        """Put the call back to its old place, free the desk, match again; return this call's next offer."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, order.call_id)
            await call_offer.close(session, order.token, order.state, order.misses_to_break)
            if call.stage is CallStage.RINGING and not await call_offer.find_open(session, call.id):
                call.stage = CallStage.WAITING
                call_stage.announce(session, call)
            await session.flush()
            return await queue_store.match(session, asking=order.call_id)

    @activity.defn
    async def connect_operator(self, order: Connect) -> bool:
        """Begin the talk; False when the offer had ended before the answer."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, order.call_id)
            return await call_stage.connect(session, call, order.token, order.at)

    @activity.defn
    async def end_talk(self, order: EndTalk) -> CallStage:
        """Begin post-processing and end what is left of the voice."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, order.call_id)
            await call_stage.end_talk(session, call, order.at, order.by)
            await self._exchange.hang_up(order.call_id, within=session)
            return call.stage

    @activity.defn
    async def offer_choice(self, call_id: UUID) -> CallStage:
        """The queue's limit is over: the citizen is asked, unless a desk rings already; return where the call is."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, call_id)
            await call_stage.offer_choice(session, call)
            if call.stage is CallStage.CHOOSING:
                await self._exchange.offer_choice(call_id, within=session)
        return CallStage.WAITING if call.stage is CallStage.RINGING else call.stage

    @activity.defn
    async def end_call(self, order: EndCall) -> None:
        """End the call unserved, free whatever it held, match again."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            await call_stage.end(session, await call_stage.lock(session, order.call_id), order.stage, order.by)
            await queue_store.match(session)
            await self._exchange.hang_up(order.call_id, within=session)


def _ring(call: Call, offer: Offer, order: RingOperator) -> Ring:
    return Ring(
        call_id=call.id,
        token=offer.token,
        leg_id=offer.leg_id,
        desk_id=offer.desk_id,
        peer_leg_id=order.peer_leg_id,
        role=order.role,
        caller=call.number,
        seconds=order.seconds,
    )
