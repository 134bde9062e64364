"""Hand-over of a call: to whom it may go, and how."""

from uuid import UUID

from pydantic import Field, model_validator

from schemas.base import PLAIN, Value
from schemas.desk import DeskStatus


class TransferTo(Value):
    """What a person asks for: exactly one target. `number` in any spelling."""

    key: str = Field(min_length=8, max_length=100, pattern=PLAIN)
    desk_id: UUID | None = None
    queue_id: UUID | None = None
    number: str | None = Field(default=None, max_length=40)
    consult: bool = False

    @model_validator(mode="after")
    def check_one_target(self) -> "TransferTo":
        """A call goes to one place."""
        if sum(target is not None for target in (self.desk_id, self.queue_id, self.number)) != 1:
            raise ValueError("Выберите, кому перевести: сотруднику, в очередь или на номер.")
        if self.queue_id is not None and self.consult:
            raise ValueError("С очередью нельзя посоветоваться: переведите в неё сразу.")
        return self


class Colleague(Value):
    """A desk that a call may go to; only a free one can be chosen."""

    desk_id: UUID
    full_name: str
    role: str
    status: DeskStatus
    reason: str | None = None
    is_free: bool
    is_in_call: bool


class OtherQueue(Value):
    """A queue that a call may go to: how many wait there, and how many operators are on its line."""

    queue_id: UUID
    name: str
    waiting: int
    on_line: int


class Targets(Value):
    """Everybody a call may be handed to."""

    colleagues: tuple[Colleague, ...]
    queues: tuple[OtherQueue, ...]
