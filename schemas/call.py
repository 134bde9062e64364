"""Call: its stages, the orders and the news of its process, and the process's state."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, field_validator

from schemas.base import PLAIN, Value
from schemas.desk import CHOSEN_BY_HAND, DeskStatus


class CallKind(StrEnum):
    """Direction of a call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallStage(StrEnum):
    """Where a call is; the last six are ends."""

    WAITING = "waiting"
    CHOOSING = "choosing"
    RINGING = "ringing"
    TALKING = "talking"
    POST_PROCESSING = "post_processing"
    FINISHED = "finished"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    REJECTED = "rejected"
    FAILED = "failed"


ENDS = frozenset(
    {
        CallStage.FINISHED,
        CallStage.ABANDONED,
        CallStage.VOICEMAIL,
        CallStage.CALLBACK,
        CallStage.REJECTED,
        CallStage.FAILED,
    }
)

STAGE_WORDS = {
    CallStage.WAITING: "В очереди",
    CallStage.CHOOSING: "Абонент выбирает: сообщение или перезвонить",
    CallStage.RINGING: "Входящий вызов",
    CallStage.TALKING: "Разговор",
    CallStage.POST_PROCESSING: "Постобработка. Завершите обслуживание",
    CallStage.FINISHED: "Обслуживание завершено",
    CallStage.ABANDONED: "Абонент не дождался ответа",
    CallStage.VOICEMAIL: "Голосовая почта",
    CallStage.CALLBACK: "Просит перезвонить",
    CallStage.REJECTED: "Отклонён",
    CallStage.FAILED: "Прерван",
}


class DialOutcome(StrEnum):
    """How the dialling of an outbound call ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


OUTCOME_WORDS = {
    DialOutcome.ANSWERED: "Абонент ответил",
    DialOutcome.NO_ANSWER: "Абонент не ответил",
    DialOutcome.BUSY: "Занято",
    DialOutcome.REFUSED: "Абонент отклонил вызов",
    DialOutcome.UNREACHABLE: "Номер недоступен",
    DialOutcome.CANCELLED: "Вызов отменён оператором",
}


class ServingRole(StrEnum):
    """Why a desk is in a call."""

    MAIN = "main"
    TRANSFER = "transfer"
    CONSULT = "consult"
    OUTBOUND = "outbound"


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


def call_of_workflow(workflow_id: str) -> UUID:
    """Return the call of a process."""
    return UUID(workflow_id.removeprefix("call-"))


# --- what starts the process


class StartCall(Value):
    """A citizen phoned in. `number` and `dialled` are E.164 or short numbers.

    With `operator_leg_id` the call goes out: its row is there already, and `leg_id` is the called one's leg.
    """

    call_id: UUID
    leg_id: str
    number: str
    dialled: str
    confirmed: bool = True
    at: datetime
    operator_leg_id: str | None = None


class PlaceCall(Value):
    """A call out of the actor's own desk; the key makes a repeat harmless.

    Any spelling of the number, or an entry of the address book, whose number may be hidden from the actor.
    """

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    number: str = Field(default="", max_length=40, pattern=PLAIN)
    entry: str = Field(default="", max_length=60, pattern=PLAIN)


class PlacedCall(Value):
    """The call that was placed."""

    call_id: UUID


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
    """A call as its asker sees it: `is_mine`, his desk serves it; `may_know`, he did more than miss it.

    `stage` is the asker's own: who has handed the call over is in post-processing, `left_at` since when. Seconds.
    """

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
    held_since: datetime | None = None
    outcome: DialOutcome | None = None
    greeting: str | None = None
    talk_norm_seconds: int | None = None
    post_processing_seconds: int | None = None
    left_at: datetime | None = None
    post_processing_until: datetime | None = None
    reasons: tuple[str, ...]
    version: int
    is_mine: bool
    may_know: bool


class ReasonView(Value):
    """A value of «Причина звонка»."""

    id: UUID
    name: str
