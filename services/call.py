"""Calls at the front door: orders to their processes, and what people read of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from temporalio.client import Client

from schemas.base import id_from
from schemas.call import CallStage, CallView, Completion, ProcessView, ReasonView, StartCall, call_workflow_id
from schemas.call_order import STILL_TALKING, Finished, FinishService, HangUp, Order
from schemas.call_state import CallState
from schemas.errors import Conflict, Invalid, NotFound
from schemas.timeline import TimelineEvent
from services import process
from services.access import is_own_only, require
from services.front import Front
from services.process import Closed, ask, give_order
from store import call_event, call_read
from workflows.call import CallWorkflow


async def receive(temporal: Client, queue_prefix: str, inbound: StartCall) -> None:
    """Start the process of a call; a repeat is harmless, an ended process is not begun again."""
    await process.start(temporal, CallWorkflow.run, inbound, call_workflow_id(inbound.call_id), f"{queue_prefix}-call")


async def report(temporal: Client, payload: dict[str, Any]) -> None:
    """Hand one piece of news, as the outbox carries it, to the process of its call."""
    handle = temporal.get_workflow_handle(call_workflow_id(UUID(payload["call_id"])))
    await handle.signal(payload["signal"], payload["news"])


async def get_call(front: Front, call_id: UUID) -> CallView:
    """Return a call; an operator sees those he took part in, a supervisor all."""
    require(front.actor, "call.read")
    own_only = is_own_only(front.actor, "call.read")
    row = await call_read.find(front.session, call_id, front.actor.employee_id, own_only)
    if row is None:
        raise NotFound("Вызов не найден.")
    return CallView(**row)


async def list_events(front: Front, call_id: UUID) -> list[TimelineEvent]:
    """Return «Хронология обслуживания» of a call that the actor may see."""
    await get_call(front, call_id)
    return [TimelineEvent(**row) for row in await call_read.list_events(front.session, call_id)]


async def list_reasons(front: Front) -> list[ReasonView]:
    """Return the values of «Причина звонка»."""
    require(front.actor, "call.read")
    return [ReasonView(id=reason.id, name=reason.name) for reason in await call_read.list_reasons(front.session)]


async def finish_service(front: Front, call_id: UUID, completion: Completion) -> Finished:
    """Finish the service of the actor's own call, once; the same key gets the same answer."""
    require(front.actor, "call.finish")
    call = await get_call(front, call_id)
    if not call.is_mine:
        return await _already_finished(front, call, completion.key)
    if not await call_read.has_reasons(front.session, completion.reasons):
        raise Invalid(fields={"reasons": "Выберите причину звонка из списка."})
    order = FinishService(actor_id=front.actor.employee_id, actor_name=front.actor.full_name, **completion.model_dump())
    try:
        return await _finish(front, call, order)
    except Closed:
        return await _already_finished(front, await get_call(front, call_id), completion.key)


async def _finish(front: Front, call: CallView, order: FinishService) -> Finished:
    """A process that still talks, while the row does not, has lost the order to hang up: it gets it again."""
    workflow_id = call_workflow_id(call.id)
    try:
        finished: Finished = await give_order(front, workflow_id, CallWorkflow.finish_service, order, order.key)
    except Conflict as refusal:
        if refusal.sentence != STILL_TALKING or call.stage is not CallStage.POST_PROCESSING:
            raise
        again = HangUp(key=str(id_from("hang-up-again", order.key)), actor_id=order.actor_id)
        await give_order(front, workflow_id, CallWorkflow.hang_up, again, again.key)
        finished = await give_order(front, workflow_id, CallWorkflow.finish_service, order, order.key)
    return finished


async def hang_up(front: Front, call_id: UUID, command: HangUp) -> None:
    """Put the receiver down in the actor's own call."""
    require(front.actor, "call.hang_up")
    await order_own(front, call_id, CallWorkflow.hang_up, command)


async def order_own(front: Front, call_id: UUID, order: Callable[..., Any], command: Order) -> Any:
    """Give an order to the process of a call that the actor's desk serves."""
    if not (await get_call(front, call_id)).is_mine:
        raise Conflict("Этот вызов обслуживает другой сотрудник, или он уже завершён.")
    try:
        return await give_order(front, call_workflow_id(call_id), order, command, command.key)
    except Closed:
        raise Conflict("Вызов уже завершён.") from None


async def show_process(front: Front, call_id: UUID) -> ProcessView:
    """Return what the process waits for and until when; with no worker, what the row says and its time."""
    call = await get_call(front, call_id)
    state: CallState | None = await ask(front, call_workflow_id(call_id), CallWorkflow.current_state)
    now = datetime.now(UTC)
    if state is not None:
        until = state.offer.deadline if state.offer and state.stage == "ringing" else None
        return ProcessView(stage=state.stage, waits_for=state.waits_for, until=until, source="process", as_of=now)
    waits_for = CallState(call_id=call.id, leg_id="", stage=call.stage).waits_for
    changed = call.ended_at or call.talk_ended_at or call.answered_at or call.started_at
    return ProcessView(stage=call.stage, waits_for=waits_for, until=None, source="row", as_of=changed)


async def _already_finished(front: Front, call: CallView, key: str) -> Finished:
    done = await call_event.find(front.session, call.id, f"finish:{key}")
    if done is not None and done.actor_id == front.actor.employee_id:
        at = datetime.fromisoformat(done.details["at"])
        return Finished(call_id=call.id, key=key, actor_name=done.details["actor_name"], at=at)
    if call.ended_at is None:
        raise Conflict("Этот вызов обслуживает другой сотрудник.")
    ended_at = call.ended_at.astimezone(front.zone).strftime("%H:%M")
    raise Conflict("Обслуживание уже завершено: {who}, {at}.", who=call.operator or "—", at=ended_at)
