"""Calls that a release began end on every later one: its histories replay for ever (I21).

At a release its corpus is set aside, once: python -m tests.workflows.test_released 0.1
"""

import shutil
import sys
from pathlib import Path

import pytest

from tests.workflows.replaying import Breaks, edited, read_history, replay
from workflows.call import CallWorkflow
from workflows.message import MessageWorkflow
from workflows.webhook import WebhookWorkflow

PROCESSES = {"call": CallWorkflow, "message": MessageWorkflow, "webhook": WebhookWorkflow}
HISTORIES = Path(__file__).parent.parent / "histories"
RELEASED = sorted((HISTORIES / "released").rglob("*.json"))
SERVED = HISTORIES / "call" / "served.json"
OPEN = "            await self._open(begun)\n"
EDITS = {
    "a new first step": (OPEN, "            await workflow.sleep(1)\n" + OPEN),
    "another order": (OPEN, OPEN.replace("_open(begun)", "_find_operator()") + OPEN),
    "another act": (
        "CallActivities.seek_operator, self.state.call_id",
        "CallActivities.offer_choice, self.state.call_id",
    ),
}


def test_some_release_has_a_corpus() -> None:
    assert len(RELEASED) >= 9


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: "/".join(path.parts[-2:]))
async def test_what_a_release_began_ends_on_this_code(path: Path) -> None:
    await replay(read_history(path), PROCESSES[path.parent.name])


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edit_that_breaks_calls_under_way_fails_and_says_what_to_do(edit: str) -> None:
    with pytest.raises(Breaks) as failure:
        await replay(read_history(SERVED), edited("call", "CallWorkflow", *EDITS[edit]))
    for said in ("would stand still", "workflow.patched", "PINNED", "pult deploy"):
        assert said in str(failure.value)


async def test_the_same_edit_behind_a_patch_replays() -> None:
    patched = f'            if workflow.patched("sleep-first"):\n                await workflow.sleep(1)\n{OPEN}'
    await replay(read_history(SERVED), edited("call", "CallWorkflow", OPEN, patched))


if __name__ == "__main__":
    for word in PROCESSES:
        shutil.copytree(HISTORIES / word, HISTORIES / "released" / sys.argv[1] / word)
