"""Every table: a process that writes one row must know the tables that its foreign keys point to."""

from store import (
    audit,
    call,
    callback,
    desk,
    directory,
    draft,
    idempotency,
    job,
    line,
    line_page,
    outbox,
    queue,
    recording,
    staff,
    subscriber,
    voicemail,
)

__all__ = [
    "audit",
    "call",
    "callback",
    "desk",
    "directory",
    "draft",
    "idempotency",
    "job",
    "line",
    "line_page",
    "outbox",
    "queue",
    "recording",
    "staff",
    "subscriber",
    "voicemail",
]
