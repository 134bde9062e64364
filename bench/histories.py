"""What a call costs Temporal, counted in the histories that a run has left."""

from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

SAMPLE = 200
# By the rules of Temporal Cloud; local activities of one task count once.
BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
}


@dataclass(frozen=True)
class Cost:
    """Of one process: events in its history, actions that would be billed."""

    events: int
    actions: int


async def costs(client: Client) -> list[Cost]:
    """Return the cost of each of the last calls that have ended."""
    ended = client.list_workflows("WorkflowType = 'CallWorkflow' AND ExecutionStatus = 'Completed'", limit=SAMPLE)
    return [cost_of(list((await client.get_workflow_handle(one.id).fetch_history()).events)) async for one in ended]


def cost_of(events: list[HistoryEvent]) -> Cost:
    """Count the events, and the actions among them."""
    markers = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
    }
    return Cost(len(events), sum(event.event_type in BILLED for event in events) + len(markers))
