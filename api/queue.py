"""Queues: how callers wait and who serves them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.session import ApiFront, right
from schemas.errors import Invalid
from schemas.queue_settings import QueueRow, QueueSettings, QueueView
from services import queue

router = APIRouter(prefix="/api/v1/queues", tags=["queue"])
MANAGE = [right("queue.manage")]
Version = Annotated[str, Header(alias="If-Match", max_length=40)]


@router.get("", operation_id="list_queues", dependencies=MANAGE)
async def list_queues(front: ApiFront, q: Annotated[str, Query(max_length=200)] = "") -> list[QueueRow]:
    """List queues by priority, the archived ones last; `q` is a part of a name or number."""
    return await queue.list_queues(front, q)


@router.post("", status_code=201, operation_id="create_queue", dependencies=MANAGE)
async def create_queue(front: ApiFront, settings: QueueSettings, response: Response) -> QueueView:
    """Open a new queue."""
    return tagged(response, await queue.create_queue(front, settings))


@router.get("/{queue_id}", operation_id="get_queue", dependencies=MANAGE)
async def get_queue(front: ApiFront, queue_id: UUID, response: Response) -> QueueView:
    """Return a queue; its ETag is what a change must name."""
    return tagged(response, await queue.get_queue(front, queue_id))


@router.put("/{queue_id}", operation_id="save_queue", dependencies=MANAGE)
async def save_queue(
    front: ApiFront, queue_id: UUID, settings: QueueSettings, response: Response, if_match: Version
) -> QueueView:
    """Change all settings of a queue; 412 when somebody changed it meanwhile."""
    return tagged(response, await queue.save_queue(front, queue_id, version_of(if_match), settings))


@router.put("/{queue_id}/archive", status_code=204, operation_id="archive_queue", dependencies=MANAGE)
async def archive_queue(front: ApiFront, queue_id: UUID) -> Response:
    """Let no call come into the queue any more."""
    await queue.archive_queue(front, queue_id)
    return Response(status_code=204)


@router.delete("/{queue_id}/archive", status_code=204, operation_id="restore_queue", dependencies=MANAGE)
async def restore_queue(front: ApiFront, queue_id: UUID) -> Response:
    """Let calls come into the queue again."""
    await queue.restore_queue(front, queue_id)
    return Response(status_code=204)


def tagged(response: Response, view: QueueView) -> QueueView:
    response.headers["ETag"] = f'"{view.version}"'
    return view


def version_of(tag: str) -> int:
    number = tag.strip().removeprefix("W/").strip('"')
    if not number.isdecimal():
        raise Invalid(fields={"If-Match": "Пришлите версию очереди: её ETag."})
    return int(number)
