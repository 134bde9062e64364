"""Hand-over of one's own call at the front door."""

from uuid import UUID

from schemas.call_order import CompleteTransfer, TakeBack, TransferCall
from schemas.call_transfer import Targets, TransferTo
from schemas.phone import normalise
from services.access import require
from services.call import order_own
from services.front import Front
from store import call_target
from workflows.call import CallWorkflow


async def list_targets(front: Front, q: str = "") -> Targets:
    """Return to whom a call may go, free colleagues first."""
    require(front.actor, "call.transfer")
    colleagues = await call_target.list_colleagues(front.session, front.actor.employee_id, q)
    queues = await call_target.list_queues(front.session, front.actor.employee_id)
    return Targets(colleagues=tuple(colleagues), queues=tuple(queues))


async def transfer_call(front: Front, call_id: UUID, asked: TransferTo) -> None:
    """Begin a hand-over of the actor's call: the citizen hears music until somebody has him again."""
    require(front.actor, "call.transfer")
    number = normalise(asked.number) if asked.number is not None else None
    order = TransferCall(actor_id=front.actor.employee_id, **asked.model_dump() | {"number": number})
    await order_own(front, call_id, CallWorkflow.transfer_call, order)


async def take_back(front: Front, call_id: UUID, command: TakeBack) -> None:
    """End the hand-over under way and go on with the citizen."""
    require(front.actor, "call.transfer")
    await order_own(front, call_id, CallWorkflow.take_back, command)


async def complete_transfer(front: Front, call_id: UUID, command: CompleteTransfer) -> None:
    """Connect the citizen with whom the actor consulted."""
    require(front.actor, "call.transfer")
    await order_own(front, call_id, CallWorkflow.complete_transfer, command)
