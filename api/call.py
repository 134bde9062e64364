"""Calls: what was, what is, and orders to those under way."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import Field

from api.session import ApiFront, order, right
from schemas.base import PLAIN
from schemas.call import CallView, Completion, ProcessView, ReasonView
from schemas.call_order import Finished, HangUp
from schemas.errors import Invalid
from schemas.journal import Channel, JournalFilter, JournalPage, JournalRows, Result
from schemas.page import Place
from schemas.timeline import TimelineEvent
from services import call, journal

router = APIRouter(prefix="/api/v1", tags=["call"])
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=PLAIN)]


class ApiCompletion(Completion):
    """As the dialog's form; the key may come as the header instead."""

    key: str | None = Field(default=None, min_length=8, max_length=100, pattern=PLAIN)  # type: ignore[assignment]


@router.get("/calls", operation_id="list_calls", dependencies=[right("call.list")])
async def list_calls(
    front: ApiFront,
    q: Annotated[str, Query(max_length=200)] = "",
    channel: Annotated[list[Channel], Query()] = [],  # noqa: B006 (FastAPI copies it)
    result: Annotated[list[Result], Query()] = [],  # noqa: B006
    after: str = "",
) -> JournalRows:
    """List calls, newest first; an operator's own, a supervisor's all. `after` is the place that a page ended with."""
    wanted = JournalFilter(channels=tuple(channel), results=tuple(result)).searched(q)
    place = Place.read(after) if after else None
    if after and place is None:
        raise Invalid(fields={"after": "Возьмите это значение из предыдущей страницы."})
    return await journal.list_calls(front, wanted, JournalPage(after=place))


@router.get("/calls/{call_id}", operation_id="get_call", dependencies=[right("call.read")])
async def get_call(front: ApiFront, call_id: UUID) -> CallView:
    """Return one call."""
    return await call.get_call(front, call_id)


@router.get("/calls/{call_id}/events", operation_id="list_call_events", dependencies=[right("call.read")])
async def list_events(front: ApiFront, call_id: UUID) -> list[TimelineEvent]:
    """Return the timeline of a call («Хронология обслуживания»)."""
    return await call.list_events(front, call_id)


@router.get("/calls/{call_id}/process", operation_id="show_call_process", dependencies=[right("call.read")])
async def show_process(front: ApiFront, call_id: UUID) -> ProcessView:
    """Return what the call's process waits for and until when."""
    return await call.show_process(front, call_id)


@router.delete("/calls/{call_id}/talk", status_code=204, operation_id="hang_up", dependencies=[order("call.hang_up")])
async def hang_up(front: ApiFront, call_id: UUID, key: Key = None) -> Response:
    """Hang up; the service is then to be finished."""
    command = HangUp(key=key or f"hang-up-{call_id}", actor_id=front.actor.employee_id)
    await call.hang_up(front, call_id, command)
    return Response(status_code=204)


@router.post("/calls/{call_id}/completion", operation_id="finish_service", dependencies=[order("call.finish")])
async def finish_service(front: ApiFront, call_id: UUID, typed: ApiCompletion, key: Key = None) -> Finished:
    """Finish the service. The key (header, or `key`) makes a repeat harmless: it gets the stored answer."""
    if not (one := typed.key or key):
        raise Invalid(fields={"key": "Пришлите ключ: заголовок Idempotency-Key или поле key."})
    return await call.finish_service(front, call_id, Completion(**typed.model_dump() | {"key": one}))


@router.get("/reasons", operation_id="list_reasons", dependencies=[right("call.read")])
async def list_reasons(front: ApiFront) -> list[ReasonView]:
    """Return the values of «Причина звонка»."""
    return await call.list_reasons(front)
