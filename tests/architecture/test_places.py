"""The repository names no machine, no folder of one and no host that packages come from."""

import json
import re

import pytest

from tests.architecture.tree import files, read

# Written in parts, so that this file does not name what it forbids.
PARTS = ("work", "root", "home/[a-z]+", "Users")
FOLDERS = re.compile("|".join(f"/{part}/" for part in PARTS) + "|\\bsha" + "red/")
HOSTS = re.compile(r"https?://")
BINARY = (".png", ".woff2", ".ico", ".svg", ".jpg", ".webm", ".pdf", ".xlsx")
LOCKS = ("requirements.lock", "package-lock.json", ".npmrc", "requirements.in")


def test_no_file_names_a_folder_of_a_machine() -> None:
    texts = [name for name in files() if not name.endswith(BINARY)]
    assert {name: found[0] for name in texts if (found := FOLDERS.search(read(name)))} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_a_host(name: str) -> None:
    """An address to thank somebody (`funding`) is not one to download from."""
    assert [line for line in read(name).splitlines() if HOSTS.search(line) and '"url"' not in line] == []


def test_every_package_is_pinned_by_a_hash() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
    lines = [line for line in read("requirements.lock").splitlines() if re.match(r"^\w", line)]
    assert [line for line in lines if "==" not in line] == []


@pytest.mark.parametrize("text", ["cd /" + "work/x", "/" + "home/anna/x", "see sha" + "red/design.md"])
def test_a_folder_is_noticed(text: str) -> None:
    assert FOLDERS.search(text)
