"""Options of activities by name: no literals in a process."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

_REFUSALS = ["Refusal", "Conflict", "Invalid", "NotFound", "Forbidden"]
# The call's row is the first thing that its process writes: what has gone since comes back by no trying.
_LOST = ["NoResultFound"]
# Values that PostgreSQL will never take: tried for ever, they would hold back every other order of the call.
_IMPOSSIBLE = ["DataError", "IntegrityError"]


def _keep_trying(*never: str) -> RetryPolicy:
    """A promise does not give up because the database is away; only what can never succeed ends an act."""
    return RetryPolicy(
        initial_interval=timedelta(seconds=0.2),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=2),
        non_retryable_error_types=[*_REFUSALS, *_LOST, *never],
    )


FROM_NEWS = LocalActivityConfig(start_to_close_timeout=timedelta(seconds=2), retry_policy=_keep_trying())
"""For what a signal or `run` causes: the cause is already in history."""

ON_VOICE = LocalActivityConfig(start_to_close_timeout=timedelta(seconds=2), retry_policy=_keep_trying(*_IMPOSSIBLE))
"""For an order over the voice, where SQL alone knows what is so: done again, or lost from history, it does no harm."""

FROM_ORDER = ActivityConfig(start_to_close_timeout=timedelta(seconds=2), retry_policy=_keep_trying(*_IMPOSSIBLE))
"""For what only an Update causes: the Update returns after it has committed."""

TO_RECEIVER = ActivityConfig(start_to_close_timeout=timedelta(seconds=30), retry_policy=_keep_trying())
"""For one attempt at another system: its pauses are the process's, these are for our own database."""

RECEIPT_WITHIN = timedelta(hours=72)
"""A provider forgets a message after three days: no receipt comes any more."""


def to_provider(task_queue: str) -> ActivityConfig:
    """For a message on its way out: the provider may be away for hours, and only its own words end the trying."""
    return ActivityConfig(
        task_queue=task_queue,
        schedule_to_close_timeout=timedelta(hours=72),
        start_to_close_timeout=timedelta(minutes=2),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=0.5),
            backoff_coefficient=2.0,
            maximum_interval=timedelta(seconds=30),
            non_retryable_error_types=_LOST,
        ),
    )
