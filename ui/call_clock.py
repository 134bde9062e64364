"""What the clock adds to a card: the greeting of the hour, the norm of the talk, the end of the post-processing."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from schemas.call import CallStage, CallView
from schemas.queue import greeting_of

LAST = timedelta(seconds=15)


@dataclass(frozen=True)
class Limit:
    """When the post-processing ends and when its two warnings come."""

    until: datetime
    third: datetime
    last: datetime


def clock_of(call: CallView, operator: str, zone: tzinfo) -> dict[str, Any]:
    """Return `greeting`, `norm` and `limit` of the operator's own call, each of them only in its time."""
    is_talking = call.is_mine and call.stage is CallStage.TALKING and call.answered_at is not None
    at = call.answered_at.astimezone(zone) if call.answered_at else None
    norm = timedelta(seconds=call.talk_norm_seconds) if call.talk_norm_seconds else None
    return {
        "greeting": greeting_of(call.greeting, operator, at) if is_talking and call.greeting and at else "",
        "norm": norm if is_talking else None,
        "limit": limit_of(call),
    }


def limit_of(call: CallView) -> Limit | None:
    """Return the limit under which the asker must finish; None without one."""
    until, seconds = call.post_processing_until, call.post_processing_seconds
    if until is None or seconds is None or not call.is_mine:
        return None
    last = until - LAST
    return Limit(until=until, third=min(until - timedelta(seconds=seconds / 3), last), last=last)
