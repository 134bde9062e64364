"""The voice of a call: hold, hand over, call out."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query, Response

from api.session import ApiFront, order, right
from schemas.base import PLAIN
from schemas.call import PlaceCall, PlacedCall
from schemas.call_order import CompleteTransfer, HoldCall, ResumeCall, TakeBack
from schemas.call_transfer import Targets, TransferTo
from services import call_dial, call_transfer, call_voice

router = APIRouter(prefix="/api/v1", tags=["call"])
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=PLAIN)]
MAY_PLACE, MAY_HOLD, MAY_TRANSFER = [right("call.place")], [order("call.hold")], [order("call.transfer")]


@router.post("/calls", status_code=201, operation_id="place_call", dependencies=MAY_PLACE)
async def place_call(front: ApiFront, command: PlaceCall) -> PlacedCall:
    """Call a number from one's own desk, which must be in «Исходящие». The same key calls once."""
    return PlacedCall(call_id=await call_dial.place_call(front, command))


@router.delete("/calls/{call_id}/dialling", status_code=204, operation_id="cancel_call", dependencies=MAY_PLACE)
async def cancel_call(front: ApiFront, call_id: UUID) -> Response:
    """Cancel one's own call that nobody has answered yet; 409 once somebody has."""
    await call_dial.cancel_call(front, call_id)
    return Response(status_code=204)


@router.put("/calls/{call_id}/hold", status_code=204, operation_id="hold_call", dependencies=MAY_HOLD)
async def hold_call(front: ApiFront, call_id: UUID, key: Key = None) -> Response:
    """Give the citizen music."""
    await call_voice.hold_call(front, call_id, HoldCall(key=_key(key), actor_id=front.actor.employee_id))
    return Response(status_code=204)


@router.delete("/calls/{call_id}/hold", status_code=204, operation_id="resume_call", dependencies=MAY_HOLD)
async def resume_call(front: ApiFront, call_id: UUID, key: Key = None) -> Response:
    """Take the citizen back from the music."""
    await call_voice.resume_call(front, call_id, ResumeCall(key=_key(key), actor_id=front.actor.employee_id))
    return Response(status_code=204)


@router.get("/transfer-targets", operation_id="list_transfer_targets", dependencies=MAY_TRANSFER)
async def list_targets(front: ApiFront, q: Annotated[str, Query(max_length=200)] = "") -> Targets:
    """List to whom a call may go, free colleagues first."""
    return await call_transfer.list_targets(front, q)


@router.post("/calls/{call_id}/transfer", status_code=202, operation_id="transfer_call", dependencies=MAY_TRANSFER)
async def transfer_call(front: ApiFront, call_id: UUID, command: TransferTo) -> Response:
    """Hand the call over: to a desk, to a queue or to an outside number; `consult` talks to the target first."""
    await call_transfer.transfer_call(front, call_id, command)
    return Response(status_code=202)


@router.delete("/calls/{call_id}/transfer", status_code=204, operation_id="take_back", dependencies=MAY_TRANSFER)
async def take_back(front: ApiFront, call_id: UUID, key: Key = None) -> Response:
    """Return to the citizen; whoever was called or consulted goes."""
    await call_transfer.take_back(front, call_id, TakeBack(key=_key(key), actor_id=front.actor.employee_id))
    return Response(status_code=204)


@router.post(
    "/calls/{call_id}/transfer/completion", status_code=204, operation_id="complete_transfer", dependencies=MAY_TRANSFER
)
async def complete_transfer(front: ApiFront, call_id: UUID, key: Key = None) -> Response:
    """Connect the citizen with whom one consulted."""
    command = CompleteTransfer(key=_key(key), actor_id=front.actor.employee_id)
    await call_transfer.complete_transfer(front, call_id, command)
    return Response(status_code=204)


def _key(given: str | None) -> str:
    """A repeat of these orders is harmless even under another key: the state it asks for is there."""
    return given or str(uuid4())
