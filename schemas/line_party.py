"""Web line: who is in a call besides the desk that looks, and who hears whom."""

from datetime import datetime
from enum import StrEnum

from schemas.base import Value
from schemas.call import DialOutcome


class PartyKind(StrEnum):
    """Who somebody is for the desk that looks."""

    CITIZEN = "citizen"
    ME = "me"
    COLLEAGUE = "colleague"
    OUTSIDE = "outside"


class PartyLink(StrEnum):
    """What one party has with the next: held is music for the citizen, parked too."""

    NONE = "none"
    TALK = "talk"
    HELD = "held"
    PARKED = "parked"
    RINGING = "ringing"


class PhoneParty(Value):
    """One in the row абонент — оператор — коллега; `link` leads to the next one. `name`: a person or a number."""

    kind: PartyKind
    name: str
    link: PartyLink = PartyLink.NONE


class PhoneTransfer(Value):
    """A hand-over under way: to whom, and since when it rings or, answered, is talked about."""

    name: str
    is_outside: bool
    is_answered: bool
    since: datetime


class FailedTransfer(Value):
    """A hand-over that came to nothing a moment ago; `seq` is its line in the timeline."""

    seq: int
    name: str
    why: DialOutcome
    was_answered: bool


class HandedBy(Value):
    """The colleague who hands his call over to this desk; `consult`: wants to talk about it first."""

    name: str
    consult: bool
