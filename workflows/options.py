"""Options of activities by name: no literals in a process."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

# A promise does not give up because the database is away; only a refusal ends an act.
_KEEP_TRYING = RetryPolicy(
    initial_interval=timedelta(seconds=0.2),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=2),
    non_retryable_error_types=["Refusal", "Conflict", "Invalid", "NotFound", "Forbidden"],
)

FROM_NEWS = LocalActivityConfig(start_to_close_timeout=timedelta(seconds=2), retry_policy=_KEEP_TRYING)
"""For what a signal or `run` causes: the cause is already in history."""

FROM_ORDER = ActivityConfig(start_to_close_timeout=timedelta(seconds=2), retry_policy=_KEEP_TRYING)
"""For what only an Update causes: the Update returns after it has committed."""
