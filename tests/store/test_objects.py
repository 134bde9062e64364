"""Objects in a folder and on a real S3 server behave alike."""

import asyncio

import pytest

from store.objects import Objects
from tests.objects import KEYS

NAME = "recordings/one/00000.part"


async def test_an_object_is_read_whole_and_in_parts(objects: Objects) -> None:
    content = bytes(range(256)) * 4096
    await objects.put(NAME, content)
    assert await objects.get(NAME) == content
    assert b"".join([block async for block in objects.read(NAME, 10, 700_000)]) == content[10:700_000]


async def test_an_object_is_replaced_and_removed_once_and_again(objects: Objects) -> None:
    for content in (b"first", b"second"):
        await objects.put(NAME, content)
    assert await objects.get(NAME) == b"second"
    for _ in range(2):
        await objects.delete([NAME])
    with pytest.raises(FileNotFoundError):
        await objects.get(NAME)
    with pytest.raises(FileNotFoundError):
        await anext(objects.read(NAME, 0, 5))


async def test_a_storage_out_of_reach_is_an_outage_and_soon_told() -> None:
    away = Objects.at("s3://bucket", endpoint="http://127.0.0.1:9", **KEYS)
    async with asyncio.timeout(10):
        with pytest.raises(ConnectionError):
            await away.put(NAME, b"sound")
