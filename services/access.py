"""Rights: one table of verbs and roles (Table 2 of the manual, R9-R45). What is not listed is refused."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from schemas.errors import Forbidden
from schemas.staff import Actor, Role

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
OPERATOR = frozenset({Role.OPERATOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
AT_A_DESK = OPERATOR | SUPERVISOR
EVERYBODY = frozenset(Role)

RIGHTS: dict[str, frozenset[Role]] = {
    # One's own session (R53-R61).
    "staff.stay": EVERYBODY,
    "staff.change_role": EVERYBODY,
    "staff.log_out": EVERYBODY,
    # Employees (R10-R12).
    "staff.create": ADMINISTRATOR,
    "staff.list": ADMINISTRATOR,
    "staff.edit": ADMINISTRATOR,
    "staff.block": ADMINISTRATOR,
    "audit.read": ADMINISTRATOR,
    # Lines, queues and who serves them (R16).
    "queue.manage": ADMINISTRATOR,
    "line.manage": ADMINISTRATOR,
    "directory.manage": ADMINISTRATOR,
    # Tokens of other systems and the addresses that hear of events here.
    "integration.manage": ADMINISTRATOR,
    # Calls (R17, R24, R25, R45): an operator sees those he took part in, see OWN_ONLY.
    "home.read": AT_A_DESK,
    "call.take": AT_A_DESK,
    "call.place": AT_A_DESK,
    "call.list": AT_A_DESK,
    "call.read": AT_A_DESK,
    "call.hold": AT_A_DESK,
    "call.transfer": AT_A_DESK,
    "call.hang_up": AT_A_DESK,
    "call.finish": AT_A_DESK,
    "call.export": AT_A_DESK,
    "line.use": AT_A_DESK,
    "job.read": AT_A_DESK,
    "job.cancel": AT_A_DESK,
    "subscriber.read": AT_A_DESK,
    "subscriber.save": AT_A_DESK,
    # Whoever answers for the cards: makes two of them one, and reads which passport stood in a card before.
    "subscriber.merge": SUPERVISOR,
    "subscriber.read_passport": SUPERVISOR,
    "subscriber.list": AT_A_DESK,
    "subscriber.add": SUPERVISOR,
    "subscriber.import": SUPERVISOR,
    "subscriber.export": SUPERVISOR,
    # Marks of telephone numbers: whoever serves the call sets one, the supervisor keeps them all.
    "number_mark.set": AT_A_DESK,
    "number_mark.manage": SUPERVISOR,
    # Recordings and voicemail (R26, R27).
    "call.listen": SUPERVISOR,
    "call.listen_voicemail": SUPERVISOR,
    # One's own desk (R57, R186) and everybody's (R29-R31).
    "desk.read": AT_A_DESK,
    "desk.change_status": AT_A_DESK,
    "desk.list": SUPERVISOR,
    # Messages (R21, R32, R43) and bookings (R22, R43): by the letter of Table 2.
    "message.send": OPERATOR,
    "message.read": AT_A_DESK,
    "message.list": SUPERVISOR,
    "message.manage_templates": ADMINISTRATOR,
    "booking.make": OPERATOR,
    "booking.list": OPERATOR,
    # Call tasks (R23, R33, R34).
    "task.work": AT_A_DESK,
    "task.create": SUPERVISOR,
    "task.edit": SUPERVISOR,
    "task.delete": SUPERVISOR,
    "task.assign": SUPERVISOR,
    "report.make": SUPERVISOR,
    # The common chat (R38, R44).
    "chat.use": AT_A_DESK,
    # «База знаний модуля», «База знаний региона», notes of one's own (R13-R15, R18-R20, R35-R37, R39-R41).
    "knowledge.read_module": EVERYBODY,
    "knowledge.edit_module": ADMINISTRATOR,
    "knowledge.read_region": EVERYBODY,
    "knowledge.edit_region": ADMINISTRATOR | SUPERVISOR,
    "knowledge.keep_notes": EVERYBODY,
}

OWN_ONLY: dict[str, frozenset[Role]] = {
    "call.read": OPERATOR,
    "call.list": OPERATOR,
    "call.export": OPERATOR,
    "subscriber.list": OPERATOR,
}
"""Where a role's right reaches only what the employee took part in."""


class Shared(Protocol):
    """A thing that some employees took part in."""

    @property
    def participants(self) -> Collection[UUID]: ...


def may(actor: Actor, verb: str, thing: Shared | None = None) -> bool:
    """Whether the actor's role has this right, and reaches this thing with it."""
    if actor.role not in RIGHTS[verb]:
        return False
    if thing is None or not is_own_only(actor, verb):
        return True
    return actor.employee_id in thing.participants


def is_own_only(actor: Actor, verb: str) -> bool:
    """Whether a query for this actor must keep to what he took part in."""
    return actor.role in OWN_ONLY.get(verb, frozenset())


def require(actor: Actor, verb: str, thing: Shared | None = None) -> None:
    """Refuse an act that the actor's role has no right to."""
    if not may(actor, verb, thing):
        raise Forbidden
