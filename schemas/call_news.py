"""News for the process of a call: from the exchange and from routing, in the past tense."""

from datetime import datetime
from uuid import UUID

from schemas.base import Value


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


class CallerHungUp(Value):
    """The citizen's leg is gone."""

    leg_id: str
    at: datetime


class OperatorHungUp(Value):
    """The desk's leg is gone, by a hang-up."""

    leg_id: str
    at: datetime


class PostProcessingLapsed(Value):
    """Nobody is there to finish: the desk's lease has been dead for too long."""

    at: datetime


class CallLost(Value):
    """SQL and process disagree for good (a restore from an older backup): end it."""

    why: str
