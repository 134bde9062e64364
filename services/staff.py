"""Staff: who asks, in which role, and how a session begins, changes and ends."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.desk import WhyInactive
from schemas.errors import Conflict, Forbidden, Unauthenticated
from schemas.staff import AT_A_DESK, Actor, EmployeeView, IssuedToken, Role
from services.access import require
from services.front import Front
from store import audit, desk, live
from store import staff as store
from store.base import clock
from store.staff import Employee, LiveSession, StaffSession

BROWSER, API = "browser", "api"
IN_A_CALL = "Сменить роль можно после завершения обслуживания."
LOG_OUT_IN_A_CALL = "Выйти можно после завершения обслуживания."


@dataclass(frozen=True)
class SessionRules:
    """How tokens are hashed and how long a session lives."""

    pepper: str
    idle: timedelta
    absolute: timedelta
    by_snils: bool = False

    def keyed(self, text: str) -> bytes:
        """Return a keyed hash: a stolen table opens no session and names nobody."""
        return hmac.new(self.pepper.encode(), text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class Visit:
    """How somebody came: by a browser or the API, from where, and when if it was before this moment."""

    kind: str
    address: str
    since: datetime | None = None


async def actor_of(session: AsyncSession, rules: SessionRules, token: str, kind: str) -> Actor | None:
    """Return who holds this token, None when it opens nothing (or its role is not chosen yet)."""
    found = await store.find_asker(session, rules.keyed(token), kind, rules.idle, rules.absolute)
    if found is None or found.role is None or found.role not in found.roles:
        return None
    role = Role(found.role)
    return Actor(
        employee_id=found.employee_id,
        session_id=found.id,
        role=role,
        roles=in_order(found.roles),
        full_name=found.full_name,
        desk_id=found.desk_id if role in AT_A_DESK else None,
        csrf=found.csrf,
    )


async def roles_to_choose(session: AsyncSession, rules: SessionRules, token: str) -> tuple[Role, ...]:
    """Return the roles of somebody who has logged in and not chosen one yet."""
    found = await _live(session, rules, token, BROWSER)
    if found is None or found[0].role is not None:
        raise Unauthenticated
    return roles_of(found[1])


async def choose_role(session: AsyncSession, rules: SessionRules, token: str, role: Role) -> IssuedToken:
    """Give a session that has no role yet the one chosen after login, under a new token."""
    found = await _live(session, rules, token, BROWSER)
    if found is None or found[0].role is not None:
        raise Unauthenticated
    chosen, employee, _ = found
    if role not in employee.roles:
        raise Forbidden
    audit.record(session, employee.id, ("staff", "choose_role"), employee.id, role=role)
    return await _replace(session, rules, chosen, employee, role)


async def change_role(front: Front, rules: SessionRules, role: Role) -> IssuedToken:
    """Go on in another of one's roles without a new login; refused in a call (R61)."""
    require(front.actor, "staff.change_role")
    employee = await store.get_employee(front.session, front.actor.employee_id)
    if role not in employee.roles:
        raise Forbidden
    await _refuse_in_a_call(front, IN_A_CALL)
    old = await front.session.get_one(StaffSession, front.actor.session_id)
    audit.record(front.session, employee.id, ("staff", "change_role"), employee.id, role=role, before=front.actor.role)
    issued = await _replace(front.session, rules, old, employee, role)
    if front.actor.role in AT_A_DESK and role not in AT_A_DESK:  # the session before the desk, as a log-out locks them
        await desk.leave(front.session, employee.id, WhyInactive.LOGGED_OUT)
    return issued


async def log_out(front: Front) -> None:
    """End the actor's session and make his desk inactive; refused in a call."""
    require(front.actor, "staff.log_out")
    await _refuse_in_a_call(front, LOG_OUT_IN_A_CALL)
    await store.end_session(front.session, front.actor.session_id, "logged_out")
    if front.actor.role in AT_A_DESK:
        await desk.leave(front.session, front.actor.employee_id, WhyInactive.LOGGED_OUT)
    audit.record(front.session, front.actor.employee_id, ("staff", "log_out"), front.actor.employee_id)


async def block(front: Front, employee_id: UUID) -> None:
    """Shut an employee out: every session of his ends now, the open pages too."""
    require(front.actor, "staff.block")
    if employee_id == front.actor.employee_id:
        raise Conflict("Нельзя заблокировать самого себя.")
    employee = await store.get_employee(front.session, employee_id)
    if employee.blocked_at is not None:
        return
    employee.blocked_at = await clock(front.session)
    await store.end_sessions_of(front.session, employee_id, "blocked")
    await desk.leave(front.session, employee_id, WhyInactive.BLOCKED)
    live.notice(front.session, live.person(employee_id), "session")
    audit.record(front.session, front.actor.employee_id, ("staff", "block"), employee_id)


async def unblock(front: Front, employee_id: UUID) -> None:
    """Let an employee log in again."""
    require(front.actor, "staff.block")
    employee = await store.get_employee(front.session, employee_id)
    if employee.blocked_at is not None:
        employee.blocked_at = None
        audit.record(front.session, front.actor.employee_id, ("staff", "unblock"), employee_id)


async def list_staff(front: Front, search: str) -> list[EmployeeView]:
    """Return employees whose name or login has these letters, by name."""
    require(front.actor, "staff.list")
    found = await store.list_employees(front.session, search.replace("\x00", "").strip())
    return [
        EmployeeView(id=e.id, login=e.login, full_name=e.full_name, roles=roles_of(e), blocked_at=e.blocked_at)
        for e in found
    ]


async def is_live(session: AsyncSession, rules: SessionRules, actor: Actor) -> bool:
    """Whether the actor's session still stands: an open stream asks now and then."""
    return await store.is_live(session, actor.session_id, rules.idle, rules.absolute)


async def issue(
    session: AsyncSession, rules: SessionRules, employee: Employee, role: Role | None, visit: Visit
) -> IssuedToken:
    """Begin a session under a new token; whoever takes a desk's role finds his desk open."""
    token = secrets.token_urlsafe(32)
    begun = StaffSession(
        token_hash=rules.keyed(token),
        employee_id=employee.id,
        role=role,
        kind=visit.kind,
        address=visit.address,
        csrf=secrets.token_urlsafe(24),
        created_at=visit.since or await clock(session),
    )
    session.add(begun)
    await session.flush()
    if role in AT_A_DESK:
        await desk.enter(session, employee.id)
    expires_at = begun.created_at + rules.absolute
    return IssuedToken(token=token, roles=roles_of(employee), role=role, expires_at=expires_at)


def roles_of(employee: Employee) -> tuple[Role, ...]:
    """Return an employee's roles in the order of the manual's table."""
    return in_order(employee.roles)


def in_order(roles: Collection[str]) -> tuple[Role, ...]:
    """Return the roles in the order of the manual's table."""
    return tuple(role for role in Role if role in roles)


async def _live(session: AsyncSession, rules: SessionRules, token: str, kind: str) -> LiveSession | None:
    return await store.find_live_session(session, rules.keyed(token), kind, rules.idle, rules.absolute)


async def _replace(
    session: AsyncSession, rules: SessionRules, old: StaffSession, employee: Employee, role: Role
) -> IssuedToken:
    """The absolute limit runs on from the login."""
    # No notice: it would overtake the answer that sends this page on; open streams find out at their next beat.
    await store.end_session(session, old.id, "role_changed")
    return await issue(session, rules, employee, role, Visit(old.kind, old.address, old.created_at))


async def _refuse_in_a_call(front: Front, sentence: str) -> None:
    if front.actor.desk_id is not None and await desk.has_live_serving(front.session, front.actor.desk_id):
        raise Conflict(sentence)
