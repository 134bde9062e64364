"""A service that was closed without its reasons is filled in later."""

from uuid import UUID

from fastapi import APIRouter

from api.call import ApiCompletion, Key
from api.session import ApiFront, right
from schemas.call import CallView, Completion
from schemas.errors import Invalid
from services import call_filling

router = APIRouter(prefix="/api/v1/calls", tags=["call"])


@router.put("/{call_id}/completion", operation_id="fill_service", dependencies=[right("call.finish")])
async def fill_service(front: ApiFront, call_id: UUID, typed: ApiCompletion, key: Key = None) -> CallView:
    """Fill in the asker's own call that is marked «не заполнено»; `next_status` is left aside."""
    if not (one := typed.key or key):
        raise Invalid(fields={"key": "Пришлите ключ: заголовок Idempotency-Key или поле key."})
    return await call_filling.fill_service(front, call_id, Completion(**typed.model_dump() | {"key": one}))
