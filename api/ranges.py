"""Sound for players: the whole, or the part that a Range header asks for (RFC 9110 §14)."""

import re
from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from schemas.errors import NotFound
from schemas.recording import SoundFile
from store.objects import Objects

ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
Span = tuple[int, int]


async def answer(request: Request, objects: Objects, file: SoundFile) -> Response:
    """Return 200, 206 or 416; NotFound when the object itself is gone."""
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{file.object.rpartition("/")[2]}"'}
    asked = request.headers.get("range", "")
    if asked and request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        asked = ""
    span = span_of(asked, file.size)
    if span is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{file.size}"})
    start, end = span
    if asked := asked if ONE_RANGE.fullmatch(asked) else "":
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    blocks = await begun(objects.read(file.object, start, end))
    return StreamingResponse(blocks, 206 if asked else 200, headers=headers, media_type=file.media_type)


def span_of(asked: str, size: int) -> Span | None:
    """Return what a Range header asks for, the whole for one that says nothing; None when it cannot be had."""
    found = ONE_RANGE.fullmatch(asked)
    if not found or not any(found.groups()):
        return 0, size
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None


async def begun(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Return the same blocks, once the first is there: after that no refusal can be told any more."""
    try:
        first = await anext(blocks)
    except FileNotFoundError:
        raise NotFound from None

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for block in blocks:
            yield block

    return all_of_them()
