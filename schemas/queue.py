"""Queue: what a caller waits in, and the rules that its calls follow."""

from uuid import UUID

from schemas.base import Value
from schemas.desk import DeskStatus


class QueuePolicy(Value):
    """Rules of a queue, copied into a call when it begins: a later change hits new calls only. Seconds.

    An outbound call has no queue and no limits.
    """

    queue_id: UUID | None = None
    name: str = ""
    ring_seconds: int = 20
    misses_to_break: int = 3
    post_processing_seconds: int | None = None
    wait_seconds: int | None = None
    choice_seconds: int = 60
    after_lapse: DeskStatus | None = None
