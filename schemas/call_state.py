"""What the process of a call knows."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from schemas.base import Value
from schemas.call import ENDS, CallStage, Party
from schemas.call_news import OperatorAnswered, OperatorHungUp
from schemas.call_order import Finished
from schemas.queue import QueuePolicy


class Offer(Value):
    """A ring under way. `leg_id` is the operator's leg."""

    token: UUID
    desk_id: UUID
    leg_id: str
    deadline: datetime


class CallState(BaseModel):
    """All that the process of a call knows: its answer to a query and its continue-as-new input."""

    call_id: UUID
    leg_id: str
    stage: CallStage = CallStage.WAITING
    policy: QueuePolicy | None = None
    offered: UUID | None = None
    offer: Offer | None = None
    answered: OperatorAnswered | None = None
    declined: str | None = None
    caller_gone: datetime | None = None
    operator_gone: OperatorHungUp | None = None
    hung_up_at: datetime | None = None
    lapsed: bool = False
    lost: str | None = None
    finished: Finished | None = None

    @property
    def is_over(self) -> bool:
        """Whether the call has one of its ends."""
        return self.stage in ENDS

    @property
    def is_answered(self) -> bool:
        """Whether the leg that rings now has been picked up (news of other legs do not count)."""
        return self.answered is not None and self.offer is not None and self.answered.leg_id == self.offer.leg_id

    @property
    def is_declined(self) -> bool:
        """Whether the desk refused the ring under way."""
        return self.declined is not None and self.offer is not None and self.declined == self.offer.leg_id

    @property
    def is_given_up(self) -> bool:
        """Whether nobody is there to be served any more."""
        return self.caller_gone is not None or self.lost is not None

    @property
    def talk_end(self) -> tuple[datetime, Party] | None:
        """When and by whom the talk was ended: the earliest hang-up counts."""
        ends = [(self.hung_up_at, Party.OPERATOR), (self.caller_gone, Party.CITIZEN)]
        if self.operator_gone and self.offer and self.operator_gone.leg_id == self.offer.leg_id:
            ends.append((self.operator_gone.at, Party.OPERATOR))
        return min(((at, by) for at, by in ends if at is not None), default=None)

    @property
    def waits_for(self) -> str:
        """What the process waits for, in words (gettext msgid)."""
        return {
            CallStage.WAITING: "свободного оператора",
            CallStage.RINGING: "ответа оператора",
            CallStage.TALKING: "окончания разговора",
            CallStage.POST_PROCESSING: "завершения обслуживания",
        }.get(self.stage, "ничего: вызов завершён")
