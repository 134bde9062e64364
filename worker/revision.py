"""The newest revision of the tables, read from the files' own lines: Alembic itself takes a second to import."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parent.parent / "store" / "migrations" / "versions"
LINE = re.compile(r"^(revision|down_revision)\b[^=]*= ['\"](\w+)['\"]", re.MULTILINE)


def newest_revision() -> str | None:
    """The revision that no other one follows; None when that is not one."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in VERSIONS.glob("*.py"):
        for name, revision in LINE.findall(path.read_text()):
            found[name].add(revision)
    heads = found["revision"] - found["down_revision"]
    return heads.pop() if len(heads) == 1 else None
