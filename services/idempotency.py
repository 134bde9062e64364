"""A repeated request gets the stored answer: the answer is kept in the transaction of its effect."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.base import Value
from schemas.errors import Conflict, Refusal
from store import idempotency as store

IN_FLIGHT = "Такой запрос уже выполняется. Повторите чуть позже."


class Asked(Value):
    """Whose request, its key, and a digest of what it asks for."""

    owner: UUID
    key: str
    digest: bytes


class OtherRequest(Refusal):
    """The key was used for another request."""

    code, status = "key_reused", 422
    sentence = "Этот Idempotency-Key уже использован для другого запроса."


class Stored(Value):
    """An answer, and whether it is a repetition."""

    answer: dict[str, Any]
    is_replayed: bool


async def answer_once(session: AsyncSession, asked: Asked, act: Callable[[], Awaitable[dict[str, Any]]]) -> Stored:
    """Act and keep the answer, or return the kept one; a crash before the commit keeps neither."""
    if not await store.begin(session, asked.owner, asked.key):
        raise Conflict(IN_FLIGHT)
    found = await store.find(session, asked.owner, asked.key)
    if found is None:
        answer = await act()
        store.keep(session, asked.owner, asked.key, asked.digest, answer)
        return Stored(answer=answer, is_replayed=False)
    if found.asked != asked.digest:
        raise OtherRequest
    return Stored(answer=found.answer, is_replayed=True)
