"""Desk («пульт») at the front door: its state, its phone's presence, entering and leaving."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import CHOSEN_BY_HAND, ChangeStatus, DeskStatus, DeskView, Presence, RenewPresence, WhyInactive
from schemas.directory import ChoiceView, Directory
from schemas.errors import Invalid, NotFound
from services.access import require
from services.front import Front
from store import desk as desk_store
from store import desk_read, directory, queue
from store.base import routing_lock

NO_DESK = "У вас нет пульта в этой роли."


async def get_desk(front: Front) -> DeskView:
    """Return the actor's own desk."""
    require(front.actor, "desk.read")
    view = await desk_read.find_by_employee(front.session, front.actor.employee_id)
    if view is None:
        raise NotFound(NO_DESK)
    return view


async def change_status(front: Front, order: ChangeStatus) -> DeskView:
    """Change the state now, or after the call under way; becoming free asks for a match."""
    require(front.actor, "desk.change_status")
    if order.status not in CHOSEN_BY_HAND:
        raise Invalid(fields={"status": "Выберите «Входящие», «Исходящие» или «Перерыв»."})
    await _check_reason(front, order)
    await routing_lock(front.session)
    desk = await desk_store.get(front.session, (await get_desk(front)).id)
    await desk_store.ask_status(front.session, desk, order.status, str(order.reason) if order.reason else None)
    if order.status is DeskStatus.INCOMING:
        await front.session.flush()
        await queue.match(front.session)
    return await get_desk(front)


async def cancel_next_status(front: Front) -> DeskView:
    """Take back the state asked for after the call: the desk goes on as it is."""
    require(front.actor, "desk.change_status")
    desk = await desk_store.get(front.session, (await get_desk(front)).id)
    if desk.next_status is not None and desk.next_status in CHOSEN_BY_HAND:
        await desk_store.ask_status(front.session, desk, desk.status, desk.reason)
    return await get_desk(front)


async def list_break_reasons(front: Front) -> list[ChoiceView]:
    """Return the reasons that a break may have."""
    require(front.actor, "desk.read")
    entries = await directory.list_entries(front.session, Directory.BREAK_REASONS)
    return [ChoiceView(id=entry.id, name=entry.name) for entry in entries]


async def renew_presence(front: Front, asked: RenewPresence) -> Presence:
    """Renew the lease of the page that holds the phone; a phone that is back asks for a match."""
    require(front.actor, "desk.read")
    if front.actor.desk_id is None:
        raise NotFound(NO_DESK)
    phone = await desk_store.renew(front.session, front.actor.desk_id, asked)
    is_back = not phone.was_live or phone.reason == WhyInactive.PHONE_LOST  # the relay may have said so an instant ago
    if phone.is_held and (is_back or (asked.ready and not phone.was_ready)):
        await _welcome_back(front.session, front.actor.desk_id)
    return Presence(
        held=phone.is_held,
        fencing=phone.fencing,
        lease_until=phone.lease_until,
        desk_version=phone.version,
        leg_id=phone.leg_id if phone.is_held else None,
    )


async def enter(session: AsyncSession, employee_id: UUID) -> UUID:
    """Open the employee's desk at login, in «Перерыв»; return its id."""
    return await desk_store.enter(session, employee_id)


async def leave(session: AsyncSession, employee_id: UUID, why: WhyInactive) -> None:
    """Make the employee's desk inactive at logout or block; in a call, when it is finished."""
    await desk_store.leave(session, employee_id, why)


async def _check_reason(front: Front, order: ChangeStatus) -> None:
    if order.reason is None:
        return
    if order.status is not DeskStatus.BREAK:
        raise Invalid(fields={"reason": "Причина бывает только у перерыва."})
    if not await directory.has_break_reason(front.session, order.reason):
        raise Invalid(fields={"reason": "Выберите причину перерыва из списка."})


async def _welcome_back(session: AsyncSession, desk_id: UUID) -> None:
    await routing_lock(session)
    await desk_store.come_back(session, desk_id)
    await session.flush()
    await queue.match(session)
