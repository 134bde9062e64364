"""Web line: legs and signals of voice that runs browser to browser."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.call import CallKind, DialOutcome
from schemas.line_party import FailedTransfer, HandedBy, PhoneParty, PhoneTransfer
from schemas.number_mark import NumberNews


class LegSide(StrEnum):
    """Whose telephone a leg is."""

    CITIZEN = "citizen"
    OPERATOR = "operator"


class LegState(StrEnum):
    """State of a leg: what its page plays and shows.

    waiting: music. ringing: a desk's page rings, or the citizen hears that a desk rings. called: an open page rings.
    dialling: the operator's page until the called one answers. held: music, or a desk that waits. parked: music, the
    operator's page is gone. choosing: a message or a call back.
    """

    WAITING = "waiting"
    CHOOSING = "choosing"
    RINGING = "ringing"
    CALLED = "called"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    PARKED = "parked"
    ENDED = "ended"


class SignalKind(StrEnum):
    """What one browser tells the other."""

    OFFER = "offer"
    ANSWER = "answer"
    CANDIDATE = "candidate"


class StartLineCall(Value):
    """A citizen calls from the page. Any spelling of the number."""

    number: str = Field(min_length=2, max_length=40)
    dialled: str = Field(default="", max_length=40)


class LineCall(Value):
    """The citizen's leg, its secret (shown once) and how to reach the other side."""

    call_id: UUID
    leg_id: UUID
    token: str
    ice_servers: list[dict[str, Any]]


class SendSignal(Value):
    """One WebRTC signal for the other side; `attempt` names the RTCPeerConnection it belongs to."""

    kind: SignalKind
    attempt: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    body: dict[str, Any]


class Signal(SendSignal):
    """A received signal; `seq` grows within a leg."""

    seq: int


class Waiting(Value):
    """A waiting citizen's place in his queue (from 1), and how long it may take; None while no operator is there."""

    position: int
    expected_seconds: int | None = None


class Choice(Value):
    """What a citizen is told who may leave a message or keep his place, and for how long he is asked.

    `closed`: the centre does not work now; `opens_at`: when it will, if it is known.
    """

    closed: bool
    opens_at: datetime | None = None
    seconds: int


class LegView(Value):
    """A leg as its page sees it, with the signals after the asked `seq`.

    When `peer_leg` changes the page drops its voice; `offers` says whether it then makes the WebRTC offer or waits.
    """

    leg_id: UUID
    call_id: UUID
    side: LegSide
    state: LegState
    version: int
    peer_leg: UUID | None = None
    offers: bool = False
    peer: str | None = None
    ended_by: str | None = None
    at: datetime
    recorded: bool = False
    waiting: Waiting | None = None
    choice: Choice | None = None
    signals: tuple[Signal, ...] = ()


class Destination(Value):
    """A public number of the centre and the queue that it leads to, whose talks may be recorded."""

    number: str
    name: str
    recorded: bool = False


class PhoneStage(StrEnum):
    """What the softphone's panel shows."""

    IDLE = "idle"
    DIALLING = "dialling"
    RINGING = "ringing"
    TALKING = "talking"
    POST_PROCESSING = "post_processing"


class Softphone(Value):
    """The panel of one desk: its call, and the leg while there is voice or a ring.

    `parties`: who hears whom when there are three. `about`: the mark of the number, its calls of a day.
    `is_outgoing`: the idle desk may call out. `outcome`: how an outbound call's dialling ended.
    """

    stage: PhoneStage = PhoneStage.IDLE
    leg_id: UUID | None = None
    call_id: UUID | None = None
    number: str = ""
    confirmed: bool = True
    names: tuple[str, ...] = ()
    queue: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    talk_ended_at: datetime | None = None
    held_since: datetime | None = None
    parties: tuple[PhoneParty, ...] = ()
    transfer: PhoneTransfer | None = None
    failed: FailedTransfer | None = None
    handed_by: HandedBy | None = None
    is_outgoing: bool = False
    about: NumberNews = NumberNews()
    kind: CallKind = CallKind.INBOUND
    outcome: DialOutcome | None = None
    ice_servers: tuple[dict[str, Any], ...] = ()
