"""«Хронология обслуживания» as a paper: all that is known of one call, for a complaint or a file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.call import CallView
from schemas.subscriber import Caller
from schemas.timeline import TimelineEvent
from services import call as calls
from services import subscriber
from services.front import Front
from store import audit
from store.base import clock


@dataclass(frozen=True)
class Timeline:
    """What the paper says, who printed it and when."""

    call: CallView
    caller: Caller
    events: list[TimelineEvent]
    printed_by: str
    printed_at: datetime


async def print_timeline(front: Front, call_id: UUID) -> Timeline:
    """Return the paper of a call that the asker may see, and record that it was printed."""
    call = await calls.get_call(front, call_id)
    caller = await subscriber.get_caller(front, call)
    events = await calls.list_events(front, call_id)
    audit.record(front.session, front.actor.employee_id, ("call", "print_timeline"), call_id)
    return Timeline(call, caller, events, front.actor.full_name, await clock(front.session))
