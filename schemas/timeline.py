"""«Хронология обслуживания»: what can happen in a call, and its words."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from schemas.base import Value


class EventKind(StrEnum):
    """One kind of line in the timeline."""

    ARRIVED = "arrived"
    OFFERED = "offered"
    RINGING = "ringing"
    ANSWERED = "answered"
    DECLINED = "declined"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    TALK_ENDED = "talk_ended"
    FINISHED = "finished"
    LAPSED = "lapsed"
    FILLED = "filled"
    ABANDONED = "abandoned"
    REJECTED = "rejected"
    FAILED = "failed"
    SUBSCRIBER_CHOSEN = "subscriber_chosen"
    CONFIRMED = "confirmed"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFER_STARTED = "transfer_started"
    TRANSFER_ANSWERED = "transfer_answered"
    TRANSFERRED = "transferred"
    TRANSFER_FAILED = "transfer_failed"
    PARKED = "parked"
    OPERATOR_RETURNED = "operator_returned"
    RETURNED_TO_QUEUE = "returned_to_queue"
    DIALLED = "dialled"
    DIAL_ENDED = "dial_ended"
    CHOICE_OFFERED = "choice_offered"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"


EVENT_WORDS = {
    EventKind.ARRIVED: "Звонок поступил",
    EventKind.OFFERED: "Предложен оператору",
    EventKind.RINGING: "Звонит у оператора",
    EventKind.ANSWERED: "Оператор принял вызов",
    EventKind.DECLINED: "Оператор отклонил вызов",
    EventKind.MISSED: "Оператор пропустил вызов",
    EventKind.WITHDRAWN: "Вызов снят с оператора",
    EventKind.VOID: "Предложение не состоялось",
    EventKind.TALK_ENDED: "Разговор окончен",
    EventKind.FINISHED: "Обслуживание завершено",
    EventKind.LAPSED: "Обслуживание закрыто без заполнения",
    EventKind.FILLED: "Причина и комментарий дополнены",
    EventKind.ABANDONED: "Абонент не дождался ответа",
    EventKind.REJECTED: "Вызов отклонён",
    EventKind.FAILED: "Вызов прерван из-за сбоя",
    EventKind.SUBSCRIBER_CHOSEN: "Выбран абонент",
    EventKind.CONFIRMED: "Личность подтверждена",
    EventKind.HELD: "Вызов поставлен на удержание",
    EventKind.RESUMED: "Вызов снят с удержания",
    EventKind.TRANSFER_STARTED: "Начат перевод вызова",
    EventKind.TRANSFER_ANSWERED: "На перевод ответили, абонент слышит музыку",
    EventKind.TRANSFERRED: "Вызов переведён",
    EventKind.TRANSFER_FAILED: "Перевод не состоялся, абонент вернулся к оператору",
    EventKind.PARKED: "Связь с оператором прервалась, абонент слышит музыку",
    EventKind.OPERATOR_RETURNED: "Оператор снова на связи",
    EventKind.RETURNED_TO_QUEUE: "Вызов вернулся в начало очереди",
    EventKind.DIALLED: "Исходящий вызов",
    EventKind.DIAL_ENDED: "Дозвониться не удалось",
    EventKind.CHOICE_OFFERED: "Абоненту предложены сообщение и обратный звонок",
    EventKind.VOICEMAIL: "Абонент оставил сообщение",
    EventKind.CALLBACK: "Абонент просит перезвонить",
}


class TimelineEvent(Value):
    """A line of the timeline: what, when, who."""

    seq: int
    kind: EventKind
    at: datetime
    actor_id: UUID | None
    actor_name: str | None
    details: dict[str, Any]
