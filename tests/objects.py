"""Where objects lie in tests: a folder, and an S3 server of the run's own on a port that the system chose."""

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from store.objects import Objects

PIECES = Path(__file__).parent / "worker" / "pieces"
KEYS = {"region": "us-east-1", "key": "a-key", "secret": "a-secret"}


def pieces(*without: int) -> dict[int, bytes]:
    """What a real Chromium recorded in 12 s, paused for 3 of them, cut each 2 s: all pieces, or without some."""
    return {seq: (PIECES / f"{seq}.webm").read_bytes() for seq in range(5) if seq not in without}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server."""
    from moto.server import ThreadedMotoServer  # slow to import, and for few tests

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty place, once of each kind."""
    if request.param == "file":
        return Objects.at(f"file://{tmp_path}/objects")
    address, bucket = request.getfixturevalue("s3"), f"b{uuid4().hex}"
    httpx.put(f"{address}/{bucket}").raise_for_status()
    return Objects.at(f"s3://{bucket}/centre", endpoint=address, **KEYS)
