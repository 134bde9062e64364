"""What the process of a call does to hand it over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from schemas.base import Value, id_from
from schemas.call import CallStage, DialOutcome, ServingRole
from schemas.call_order import TransferCall
from schemas.call_state import Transfer, TransferEnd
from schemas.queue import QueuePolicy
from store import call_event, call_offer, call_stage, call_transfer, queue
from store.base import clock, routing_lock
from store.call import Call, Offer, Serving
from store.queue import Queue, policy_of
from store.session import Database
from telephony.port import Dial, Exchange

DESK_SECONDS, OUTSIDE_SECONDS = 20, 45


class BeginTransfer(Value):
    """The order to hand over, for one call; `leg_id` is the desk's that has the citizen."""

    call_id: UUID
    leg_id: str
    order: TransferCall


class Begun(Value):
    """What has begun: a hand-over, or with a policy the wait in another queue."""

    transfer: Transfer | None = None
    policy: QueuePolicy | None = None


class DialTarget(Value):
    """Call the outside number of a hand-over; who answers has voice with the peer."""

    call_id: UUID
    transfer: Transfer
    peer_leg_id: str


class AnswerTransfer(Value):
    """The target of a consultation answered."""

    call_id: UUID
    transfer: Transfer
    at: datetime


class EndTransfer(Value):
    """How a hand-over ended; `leg_id` is the leg of the desk that began it, `at` when the target answered."""

    call_id: UUID
    leg_id: str
    transfer: Transfer
    how: TransferEnd
    at: datetime | None
    why: DialOutcome


class TransferActivities:
    """The acts of a hand-over over a database and a telephone exchange."""

    def __init__(self, database: Database, exchange: Exchange) -> None:
        self._database = database
        self._exchange = exchange

    @activity.defn
    async def begin_transfer(self, begin: BeginTransfer) -> Begun:
        """Reserve the target and give the citizen music; the same key begins once."""
        order = begin.order
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, begin.call_id)
            begun = await _begin(session, call, order)
        if begun.policy is not None:
            await self._exchange.release(begin.call_id, begin.leg_id)
            async with self._database.transaction() as session:
                await routing_lock(session)
                await queue.match(session)
        else:
            await self._exchange.hold(begin.call_id)
        return begun

    @activity.defn
    async def dial_target(self, order: DialTarget) -> DialOutcome | None:
        """Call the outside number; None while it rings."""
        transfer = order.transfer
        dial = Dial(
            call_id=order.call_id,
            leg_id=transfer.leg_id,
            number=transfer.number or "",
            peer_leg_id=order.peer_leg_id,
            role=ServingRole.CONSULT if transfer.consult else ServingRole.TRANSFER,
        )
        return await self._exchange.dial(dial)

    @activity.defn
    async def answer_transfer(self, order: AnswerTransfer) -> None:
        """Write that the operator consults with the target."""
        async with self._database.transaction() as session:
            call = await call_stage.lock(session, order.call_id)
            await call_transfer.answer(session, call, order.transfer, order.at)

    @activity.defn
    async def end_transfer(self, order: EndTransfer) -> None:
        """Give the citizen to whom he belongs now: the target, the first operator or the queue."""
        if order.how is TransferEnd.HANDED:
            await self._exchange.hand_over(order.call_id, order.transfer.leg_id)
        elif order.how is TransferEnd.RETURNED:
            await self._exchange.resume(order.call_id)
        elif order.how is TransferEnd.QUEUED:
            await self._exchange.release(order.call_id, order.leg_id)
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, order.call_id)
            if call.stage is not CallStage.TALKING or await call_transfer.is_ended(session, call, order.transfer):
                return
            if order.how is TransferEnd.HANDED:
                await call_transfer.hand(session, call, order.transfer, order.at or await clock(session))
            else:
                await call_transfer.fail(session, call, order.transfer, order.how, order.why)
            await queue.match(session)


async def _begin(session: AsyncSession, call: Call, order: TransferCall) -> Begun:
    """A repeat finds what the first try wrote: its answer may have been lost."""
    is_repeat = await call_event.find(session, call.id, call_transfer.begin_key(order)) is not None
    if order.queue_id is not None:
        if not is_repeat:
            await call_transfer.move_to_queue(session, call, order)
        return Begun(policy=policy_of(await session.get_one(Queue, order.queue_id)))
    if order.desk_id is not None:
        offer = await call_offer.find_open(session, call.id) if is_repeat else None
        return await _begun_at_desk(session, offer or await call_transfer.begin_at_desk(session, call, order), order)
    await call_transfer.begin_at_number(session, call, order)
    return Begun(transfer=_transfer(order, str(id_from("transfer-leg", call.id, order.key)), OUTSIDE_SECONDS))


async def _begun_at_desk(session: AsyncSession, offer: Offer, order: TransferCall) -> Begun:
    serving = await session.get_one(Serving, offer.serving_id)
    transfer = _transfer(order, offer.leg_id, DESK_SECONDS)
    return Begun(transfer=transfer.model_copy(update={"token": offer.token, "employee_id": serving.employee_id}))


def _transfer(order: TransferCall, leg_id: str, seconds: int) -> Transfer:
    return Transfer(
        key=order.key, by=order.actor_id, leg_id=leg_id, number=order.number, consult=order.consult, seconds=seconds
    )
