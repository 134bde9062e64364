"""Orders to the process of a call, from people, and their answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from schemas.base import PLAIN, Value
from schemas.desk import DeskStatus


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


class Finished(Value):
    """The answer to FinishService, kept with its key."""

    call_id: UUID
    key: str
    actor_name: str
    at: datetime
