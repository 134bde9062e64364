"""A process under way is replayed on the new code: its sequence of commands may not change unnoticed.

The fingerprint of a workflow is the sequence of its commands as the source has them. When this test fails, a process
that is open now might not replay. Either the change stands behind `workflow.patched`, or no process of the old kind is
open any more. Say which in the commit, and write the new fingerprint:

    python -m tests.workflows.test_fingerprints
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
KNOWN = FOLDER / "fingerprints.json"
WORKFLOWS = FOLDER.parent.parent / "workflows"
COMMANDS = ("execute_", "start_", "wait_condition", "sleep", "continue_as_new", "patched", "deprecate_patch", "uuid4")


def fingerprint(source: str) -> dict[str, list[str]]:
    """Return each workflow class with its commands, method by method in the order of the source."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {one.name: list(commands(one)) for one in classes}


def commands(workflow: ast.ClassDef) -> Iterator[str]:
    for method in workflow.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
            for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
                if words := command(call):
                    yield f"{method.name}: {words}"


def command(call: ast.Call) -> str:
    """Return `execute_activity_method CallActivities.open_call` for such a call, nothing for any other."""
    name = ast.unparse(call.func)
    verb = name.removeprefix("workflow.")
    if name.startswith("self._") and not name.startswith("self._orders"):
        return f"step {name.removeprefix('self.')}"
    if not name.startswith("workflow.") or not verb.startswith(COMMANDS):
        return ""
    target = ast.unparse(call.args[0]) if call.args and verb.startswith(("execute_", "start_", "patched")) else ""
    timed = "timed" if any(keyword.arg == "timeout" for keyword in call.keywords) else ""
    return " ".join(filter(None, (verb, target, timed)))


def now() -> dict[str, dict[str, list[str]]]:
    found = {path.stem: fingerprint(path.read_text()) for path in sorted(WORKFLOWS.glob("*.py"))}
    return {word: classes for word, classes in found.items() if any(classes.values())}


def test_no_workflow_changed_its_commands() -> None:
    assert now() == json.loads(KNOWN.read_text()), __doc__


def test_a_changed_command_is_noticed() -> None:
    source = (WORKFLOWS / "call.py").read_text()
    changed = source.replace("CallActivities.seek_operator", "CallActivities.find_operator", 1)
    assert fingerprint(changed) != fingerprint(source)


def test_a_new_timer_is_noticed() -> None:
    source = "@workflow.defn\nclass A:\n    async def run(self):\n        await workflow.sleep(1)"
    assert fingerprint(source) == {"A": ["run: sleep"]}
    assert fingerprint(source.replace("workflow.sleep(1)", "other.sleep(1)")) == {"A": []}


if __name__ == "__main__":
    KNOWN.write_text(json.dumps(now(), indent=2, ensure_ascii=False) + "\n")
