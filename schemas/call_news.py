"""News for the process of a call: from the exchange and from routing, in the past tense."""

from datetime import datetime
from uuid import UUID

from schemas.base import Value
from schemas.call import CallStage, DialOutcome


class OperatorOffered(Value):
    """Routing offered this call to a desk."""

    token: UUID


class OperatorAnswered(Value):
    """The desk's phone was picked up."""

    token: UUID
    leg_id: str
    at: datetime


class OperatorDeclined(Value):
    """The desk refused the ring."""

    token: UUID
    leg_id: str
    at: datetime


class CalleeAnswered(Value):
    """Whom we called picked up."""

    leg_id: str
    at: datetime


class CalleeRefused(Value):
    """Whom we called will not talk."""

    leg_id: str
    at: datetime
    outcome: DialOutcome = DialOutcome.REFUSED


class CallerHungUp(Value):
    """The citizen's leg is gone."""

    leg_id: str
    at: datetime


class OperatorHungUp(Value):
    """A desk's leg (or that of a number the call was handed to) is gone, by a hang-up."""

    leg_id: str
    at: datetime


class MediaLost(Value):
    """A desk's page was gone in the middle of the talk; the citizen hears music."""

    leg_id: str
    at: datetime


class OperatorReturned(Value):
    """The page is back and has its voice again."""

    leg_id: str
    at: datetime


class CitizenChose(Value):
    """The citizen left a message, or asked to be called back (`stage` is the end that this means)."""

    stage: CallStage
    at: datetime


class PostProcessingLapsed(Value):
    """Nobody is there to finish: the desk's lease has been dead for too long."""

    employee_id: UUID
    at: datetime


class CallLost(Value):
    """SQL and process disagree for good (a restore from an older backup): end it."""

    why: str
