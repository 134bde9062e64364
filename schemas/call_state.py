"""What the process of a call knows."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from schemas.base import Value
from schemas.call import ENDS, CallStage, DialOutcome, Party
from schemas.call_order import Finished
from schemas.queue import QueuePolicy


class Offer(Value):
    """A ring of a desk. `leg_id` is the operator's leg."""

    token: UUID
    desk_id: UUID
    employee_id: UUID
    leg_id: str
    deadline: datetime


class Talk(Value):
    """Who has the citizen now; an outside number that he was handed to has no employee."""

    leg_id: str
    employee_id: UUID | None


class TransferEnd(StrEnum):
    """What became of a hand-over."""

    HANDED = "handed"
    RETURNED = "returned"
    QUEUED = "queued"
    DROPPED = "dropped"


class Transfer(BaseModel):
    """A hand-over under way. A desk has a token, an outside number has none. `seconds`: the ring's limit."""

    key: str
    by: UUID
    leg_id: str
    token: UUID | None = None
    number: str | None = None
    employee_id: UUID | None = None
    consult: bool = False
    seconds: int = 20
    is_consulting: bool = False
    is_completed: bool = False
    is_taken_back: bool = False


class CallState(BaseModel):
    """All that the process of a call knows: its answer to a query.

    News are kept by the leg they speak of, as they come (a ring may still be starting), and compared when read.
    """

    call_id: UUID
    leg_id: str
    stage: CallStage = CallStage.WAITING
    policy: QueuePolicy = QueuePolicy()
    waits_until: datetime | None = None
    offered: UUID | None = None
    offer: Offer | None = None
    talk: Talk | None = None
    transfer: Transfer | None = None
    held: bool = False
    answers: dict[str, datetime] = {}
    refusals: dict[str, DialOutcome] = {}
    gone: dict[str, datetime] = {}
    silent: dict[str, datetime] = {}
    caller_gone: datetime | None = None
    hung_up_at: datetime | None = None
    chosen: CallStage | None = None
    wraps: list[UUID] = []
    lapsed: list[UUID] = []
    lost: str | None = None
    finished: dict[UUID, Finished] = {}

    @property
    def is_over(self) -> bool:
        """Whether the call has one of its ends."""
        return self.stage in ENDS

    @property
    def is_given_up(self) -> bool:
        """Whether nobody is there to be served any more."""
        return self.caller_gone is not None or self.lost is not None

    @property
    def is_parked(self) -> bool:
        """Whether the page of the desk that talks is gone."""
        return self.talk is not None and self.talk.leg_id in self.silent

    @property
    def talk_end(self) -> tuple[datetime, Party] | None:
        """When and by whom the talk was ended: the earliest hang-up counts."""
        ends = [(self.hung_up_at, Party.OPERATOR), (self.caller_gone, Party.CITIZEN)]
        if self.talk is not None:
            ends.append((self.gone.get(self.talk.leg_id), Party.OPERATOR))
        return min(((at, by) for at, by in ends if at is not None), default=None)

    def talks(self, employee_id: UUID) -> bool:
        """Whether this employee has the citizen now."""
        return self.stage is CallStage.TALKING and self.talk is not None and self.talk.employee_id == employee_id

    @property
    def waits_for(self) -> str:
        """What the process waits for, in words (gettext msgid)."""
        if self.transfer is not None:
            return "ответа того, кому переводят"
        if self.is_parked:
            return "возвращения оператора"
        return {
            CallStage.WAITING: "свободного оператора",
            CallStage.CHOOSING: "выбора абонента",
            CallStage.RINGING: "ответа",
            CallStage.TALKING: "окончания разговора",
            CallStage.POST_PROCESSING: "завершения обслуживания",
        }.get(self.stage, "ничего: вызов завершён")
