"""A recorded history replayed on a workflow's code; a failure says what to do about it."""

import types
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

WORKFLOWS = Path(__file__).parent.parent.parent / "workflows"
BROKEN = """{history} does not replay: a call of that kind that is under way now would stand still on this code.

Temporal says: {error}

Choose one:
- keep the old order of commands and put the new one behind `if workflow.patched("what-changed"):`. An embedded
  installation has no Worker Versioning, so its open calls meet the new code at the next start;
- if the new order cannot be told from the old one, change nothing that is under way: in production calls are PINNED to
  the build that began them (`pult deploy`, docs/operations.md), and on one machine the release notes must say «finish
  the calls first». Then record the histories anew (RECORD_HISTORIES=1) and say in the commit why nobody is hurt.
A history in tests/histories/released/ was made by a release that people run: it is never recorded anew.
"""


class Breaks(AssertionError):
    """The history does not fit the code."""


async def replay(history: WorkflowHistory, process: type) -> None:
    """Run the history through the code, or raise with an explanation."""
    replayer = Replayer(
        workflows=[process], data_converter=pydantic_data_converter, workflow_runner=UnsandboxedWorkflowRunner()
    )
    try:
        await replayer.replay_workflow(history)
    except (NondeterminismError, RuntimeError) as error:  # the second when an answer does not fit its act any more
        raise Breaks(BROKEN.format(history=history.workflow_id, error=error)) from None


def read_history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("/".join(path.parts[-3:]), path.read_text())


def edited(word: str, name: str, old: str, new: str) -> type:
    """Return a workflow as it would be after an edit of its source."""
    source = (WORKFLOWS / f"{word}.py").read_text()
    assert source.count(old) == 1, f"{old!r} is no longer in workflows/{word}.py: choose another edit for the test"
    module = types.ModuleType(f"edited_{word}")
    exec(compile(source.replace(old, new), f"workflows/{word}.py, edited", "exec"), module.__dict__)
    found: type = module.__dict__[name]
    return found
