"""Idempotency-Key: a POST that is sent twice has its effect once, and both get the same answer."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.session import ApiFront
from services.front import Front
from services.idempotency import Asked, Stored, answer_once

REPLAYED = "Idempotent-Replayed"
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=100)]


class Once:
    """`return await once(lambda: service.add(front, command), 201)`: for words that have no process."""

    def __init__(self, front: Front, asked: Asked | None) -> None:
        self._front = front
        self._asked = asked

    async def __call__(self, act: Callable[[], Awaitable[BaseModel]], status: int = 200) -> JSONResponse:
        """Answer with the status of the first time; without a key every request acts."""

        async def act_in_json() -> dict[str, object]:
            return {"status": status, "body": (await act()).model_dump(mode="json")}

        if self._asked is None:
            stored = Stored(answer=await act_in_json(), is_replayed=False)
        else:
            stored = await answer_once(self._front.session, self._asked, act_in_json)
        headers = {REPLAYED: "true"} if stored.is_replayed else None
        return JSONResponse(stored.answer["body"], stored.answer["status"], headers=headers)


async def once_dependency(request: Request, front: ApiFront, key: Key = None) -> Once:
    """Digest the request: its address and every byte of its body."""
    if key is None:
        return Once(front, None)
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    return Once(front, Asked(owner=front.actor.employee_id, key=key, digest=hashlib.sha256(said).digest()))


ApiOnce = Annotated[Once, Depends(once_dependency, scope="function")]
