"""Orders to the process of a call, from people, and their answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from schemas.base import PLAIN, Value
from schemas.desk import DeskStatus

STILL_TALKING = "Сначала завершите разговор."


class Order(Value):
    """`key` is the form's (or the button's) own and makes a repeat harmless; `actor_id` is the employee."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    actor_id: UUID


class FinishService(Order):
    """The order «Завершить обслуживание»."""

    actor_name: str = Field(max_length=200)
    reasons: tuple[UUID, ...] = Field(min_length=1, max_length=20)
    comment: str = Field(default="", max_length=2000, pattern=PLAIN)
    next_status: DeskStatus | None = None
    postponed: bool = False


class HangUp(Order):
    """The order «Положить трубку»."""


class HoldCall(Order):
    """The order «Удержание»: the citizen hears music."""


class ResumeCall(Order):
    """The order «Снять с удержания»."""


class TransferCall(Order):
    """The order «Перевести»: to a desk, to a queue, or to an outside number; `consult` talks to the target first."""

    desk_id: UUID | None = None
    queue_id: UUID | None = None
    number: str | None = Field(default=None, max_length=20)
    consult: bool = False


class TakeBack(Order):
    """The order «Вернуться к абоненту»: the hand-over under way is over."""


class CompleteTransfer(Order):
    """The order «Соединить» after a consultation."""


class Finished(Value):
    """The answer to FinishService, kept with its key."""

    call_id: UUID
    key: str
    actor_name: str
    at: datetime
