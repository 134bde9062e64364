"""Bytes too large for a row (recordings, voicemail): by name, in a folder or in an S3-compatible storage."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

PATIENCE = {"connect_timeout": timedelta(seconds=2), "timeout": timedelta(seconds=20)}
RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=5)}
BLOCK = 256 * 1024
FOLDER, S3 = "file", "s3"


class Objects:
    """One place for objects; what lies there is named by rows, and a name is written once or repeatably."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str, **s3: str) -> "Objects":
        """Return the place of a URL: file:///folder, or s3://bucket/prefix with endpoint, region, key and secret."""
        place = urlsplit(url)
        if place.scheme == FOLDER:
            return cls(LocalStore(Path(place.path), mkdir=True))
        assert place.scheme == S3, url
        config = {option: value for name, option in _S3.items() if (value := s3.get(name))}
        client: Any = {**PATIENCE, "allow_http": config.get("endpoint", "").startswith("http://")}
        bucket, prefix = place.netloc, place.path.strip("/") or None
        options: Any = {"config": config, "client_options": client, "retry_config": RETRIES}
        return cls(S3Store(bucket, prefix=prefix, **options))

    async def put(self, name: str, content: bytes | Path) -> None:
        """Write an object whole: a reader sees the old one, or the new one."""
        async with _outages():
            await self._store.put_async(name, content)

    async def get(self, name: str) -> bytes:
        """Return an object whole; FileNotFoundError when there is none."""
        async with _outages():
            return bytes(await (await self._store.get_async(name)).bytes_async())

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `end`, block by block."""
        async with _outages():
            found = await self._store.get_async(name, options={"range": (start, end)})
            async for block in found.stream(min_chunk_size=BLOCK):
                yield bytes(block)

    async def delete(self, names: Iterable[str]) -> None:
        """Remove objects; one that is not there is removed already."""
        async with _outages():
            for name in names:
                try:
                    await self._store.delete_async(name)
                except FileNotFoundError:
                    continue


_S3 = {
    "endpoint": "endpoint",
    "region": "region",
    "key": "access_key_id",
    "secret": "secret_access_key",
}


@asynccontextmanager
async def _outages() -> AsyncIterator[None]:
    """Let an outage of the storage look like every other outage."""
    try:
        yield
    except BaseError as error:
        raise ConnectionError(f"хранилище не отвечает: {type(error).__name__}") from error
