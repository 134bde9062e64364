"""Subscriber: what stands in the card beside the fields: open items and enquiries."""

from datetime import datetime, timedelta
from uuid import UUID

from schemas.base import Value


class OpenItem(Value):
    """What somebody still owes the citizen; `kind`: callback (he asked for it) or postponed (the operator did)."""

    kind: str
    call_id: UUID
    at: datetime
    may_open: bool = False


class Enquiry(Value):
    """«Обращение»: a call that was answered: with what, what was said of it, and by whom."""

    id: UUID
    at: datetime
    kind: str
    talk: timedelta | None = None
    reasons: tuple[str, ...] = ()
    comment: str = ""
    postponed: bool = False
    filled: bool = True
    employees: tuple[str, ...] = ()
    may_open: bool = False


class EnquiryPage(Value):
    """A page of enquiries, newest first; `next_after` is empty on the last one."""

    rows: tuple[Enquiry, ...] = ()
    next_after: str = ""
