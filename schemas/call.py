"""Call: its stages, the orders and the news of its process, and the process's state."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from schemas.base import PLAIN, Value
from schemas.desk import CHOSEN_BY_HAND, DeskStatus
from schemas.queue import QueuePolicy


class CallKind(StrEnum):
    """Direction of a call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallStage(StrEnum):
    """Where a call is; the last five are ends."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    POST_PROCESSING = "post_processing"
    FINISHED = "finished"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    REJECTED = "rejected"
    FAILED = "failed"


ENDS = frozenset({CallStage.FINISHED, CallStage.ABANDONED, CallStage.VOICEMAIL, CallStage.REJECTED, CallStage.FAILED})

STAGE_WORDS = {
    CallStage.WAITING: "В очереди",
    CallStage.RINGING: "Входящий вызов",
    CallStage.TALKING: "Разговор",
    CallStage.POST_PROCESSING: "Постобработка. Завершите обслуживание",
    CallStage.FINISHED: "Обслуживание завершено",
    CallStage.ABANDONED: "Абонент не дождался ответа",
    CallStage.VOICEMAIL: "Голосовая почта",
    CallStage.REJECTED: "Отклонён",
    CallStage.FAILED: "Прерван",
}


class OfferState(StrEnum):
    """Life of one ring of one desk for one call."""

    MADE = "made"
    RINGING = "ringing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    VOID = "void"


OPEN_OFFER = (OfferState.MADE, OfferState.RINGING)


class Party(StrEnum):
    """Who did it."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    EXCHANGE = "exchange"


def call_workflow_id(call_id: UUID) -> str:
    """Return the process's id of a call."""
    return f"call-{call_id}"


# --- what starts the process


class InboundCall(Value):
    """A citizen phoned in. `number` and `dialled` are E.164 or short numbers."""

    call_id: UUID
    leg_id: str
    number: str
    dialled: str
    confirmed: bool = True
    at: datetime


# --- news: from the exchange and from routing


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


# --- orders


class FinishService(Value):
    """The order «Завершить обслуживание»; `key` is the form's own and makes a repeat harmless."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    actor_id: UUID
    actor_name: str = Field(max_length=200)
    reasons: tuple[UUID, ...] = Field(min_length=1, max_length=20)
    comment: str = Field(default="", max_length=2000, pattern=PLAIN)
    next_status: DeskStatus | None = None
    postponed: bool = False


class HangUp(Value):
    """The order «Положить трубку»."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    actor_id: UUID


# --- answers and state


class Finished(Value):
    """The answer to FinishService, kept with its key."""

    call_id: UUID
    key: str
    actor_name: str
    at: datetime


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


class ProcessView(Value):
    """What GET /calls/{id}/process answers."""

    stage: CallStage
    waits_for: str
    until: datetime | None
    source: str
    as_of: datetime


class Completion(Value):
    """What is typed in «Завершение обслуживания»; `key` came with the form."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    reasons: tuple[UUID, ...] = Field(min_length=1, max_length=20)
    comment: str = Field(default="", max_length=2000, pattern=PLAIN)
    next_status: DeskStatus | None = None
    postponed: bool = False

    @field_validator("next_status")
    @classmethod
    def check_next_status(cls, status: DeskStatus | None) -> DeskStatus | None:
        """Only what the state menu offers: nobody makes a desk inactive by a form."""
        if status is not None and status not in CHOSEN_BY_HAND:
            raise ValueError("Выберите «Входящие», «Исходящие» или «Перерыв».")
        return status


class CallView(Value):
    """A call as its asker sees it: `is_mine`, his desk serves it; `may_know`, he did more than miss it."""

    id: UUID
    kind: CallKind
    stage: CallStage
    queue: str | None
    number: str
    confirmed: bool
    subscriber_id: UUID | None
    operator: str | None
    started_at: datetime
    answered_at: datetime | None
    talk_ended_at: datetime | None
    ended_at: datetime | None
    comment: str
    postponed: bool
    filled: bool
    reasons: tuple[str, ...]
    version: int
    is_mine: bool
    may_know: bool


class ReasonView(Value):
    """A value of «Причина звонка»."""

    id: UUID
    name: str
