"""Queue: what a caller waits in, and the rules that its calls follow."""

from uuid import UUID

from schemas.base import Value


class QueuePolicy(Value):
    """Rules of a queue, copied into a call when it begins: a later change hits new calls only. Seconds."""

    queue_id: UUID
    name: str
    ring_seconds: int = 20
    misses_to_break: int = 3
    post_processing_seconds: int | None = None
    wait_seconds: int | None = None
