"""The voice of one's own call at the front door: hold and resume."""

from uuid import UUID

from schemas.call_order import HoldCall, ResumeCall
from services.access import require
from services.call import order_own
from services.front import Front
from workflows.call import CallWorkflow


async def hold_call(front: Front, call_id: UUID, command: HoldCall) -> None:
    """Give the citizen music; said twice, it is done once."""
    require(front.actor, "call.hold")
    await order_own(front, call_id, CallWorkflow.hold_call, command)


async def resume_call(front: Front, call_id: UUID, command: ResumeCall) -> None:
    """Take the citizen back from the music; said twice, it is done once."""
    require(front.actor, "call.hold")
    await order_own(front, call_id, CallWorkflow.resume_call, command)
