"""What ends a serving: the operator's finish, or the clock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from temporalio import activity

from schemas.base import Value
from schemas.call_order import STILL_TALKING, Finished, FinishService
from schemas.desk import DeskStatus
from schemas.errors import Conflict
from store import call_event, call_finish, call_stage, queue
from store.base import routing_lock
from store.call import CallEvent, Serving
from store.session import Database


class FinishCall(Value):
    """The order to finish, for one call."""

    call_id: UUID
    order: FinishService


class LapseService(Value):
    """An operator's post-processing that nobody finished; `next_status`: the state its desk takes then."""

    call_id: UUID
    employee_id: UUID
    next_status: DeskStatus | None = None


class FinishActivities:
    """The acts of post-processing over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def finish_service(self, order: FinishCall) -> Finished:
        """Finish, all or nothing; the same key gets the stored answer."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, order.call_id)
            done = await call_event.find(session, call.id, f"finish:{order.order.key}")
            if done is not None:
                return _stored(order, done)
            servings = await call_stage.list_live_servings(session, call.id)
            serving = _of(servings, order.order.actor_id)
            if serving is None:
                raise Conflict("Обслуживание этого вызова уже завершено.")
            if serving.ended_at is None:
                raise Conflict(STILL_TALKING)
            at = await call_finish.finish(session, call, serving, order.order, is_last=len(servings) == 1)
            await queue.match(session)
            return Finished(call_id=call.id, key=order.order.key, actor_name=order.order.actor_name, at=at)

    @activity.defn
    async def lapse_service(self, order: LapseService) -> None:
        """Close a post-processing that nobody finished («не заполнено»), and match again."""
        async with self._database.transaction() as session:
            await routing_lock(session)
            call = await call_stage.lock(session, order.call_id)
            servings = await call_stage.list_live_servings(session, call.id)
            serving = _of(servings, order.employee_id)
            if serving is not None and serving.ended_at is not None:
                await call_finish.lapse(session, call, serving, order.next_status, is_last=len(servings) == 1)
                await queue.match(session)


def _of(servings: Sequence[Serving], employee_id: UUID) -> Serving | None:
    return next((serving for serving in servings if serving.employee_id == employee_id), None)


def _stored(order: FinishCall, done: CallEvent) -> Finished:
    at = datetime.fromisoformat(done.details["at"])
    return Finished(call_id=order.call_id, key=order.order.key, actor_name=done.details["actor_name"], at=at)
