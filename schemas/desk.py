"""Desk («пульт»): its four states and what may be asked of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.base import Value


class DeskStatus(StrEnum):
    """State of a desk, in the manual's words: see STATUS_WORDS."""

    INACTIVE = "inactive"
    INCOMING = "incoming"
    OUTGOING = "outgoing"
    BREAK = "break"


STATUS_WORDS = {
    DeskStatus.INACTIVE: "Неактивный",
    DeskStatus.INCOMING: "Входящие",
    DeskStatus.OUTGOING: "Исходящие",
    DeskStatus.BREAK: "Перерыв",
}

CHOSEN_BY_HAND = (DeskStatus.INCOMING, DeskStatus.OUTGOING, DeskStatus.BREAK)


class WhyInactive(StrEnum):
    """Why a desk stopped getting calls without being asked to."""

    LOGGED_OUT = "logged_out"
    PHONE_LOST = "phone_lost"
    BLOCKED = "blocked"


class ChangeStatus(Value):
    """The order «перейти в состояние»; `reason` is one of the break reasons."""

    status: DeskStatus
    reason: UUID | None = None


class RenewPresence(Value):
    """The page that holds the phone says that it is alive."""

    phone_id: UUID
    take_over: bool = False
    ready: bool = True


class Presence(Value):
    """The answer to a renewal: who holds the phone, and what a lost notice may have hidden."""

    held: bool
    fencing: int
    lease_until: datetime
    desk_version: int
    leg_id: UUID | None = None


class DeskView(Value):
    """A desk as its owner sees it.

    `reason` is a word of the system (WhyInactive, «missed_calls») or the id of a break reason, which has a name.
    """

    id: UUID
    status: DeskStatus
    status_since: datetime
    reason: str | None
    next_status: DeskStatus | None
    version: int
    reason_name: str | None = None
    next_reason: str | None = None
    next_reason_name: str | None = None
    call_id: UUID | None = None
    call_stage: str | None = None
