"""One POST to another system: guarded, without patience, and blind to most of the answer."""

import asyncio
from collections.abc import Mapping

import httpx

from activities.webhook_address import Guard, Unsafe
from schemas.base import Value
from schemas.webhook import SHOWN_CHARACTERS

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
MOST_BYTES = 4 * SHOWN_CHARACTERS
LATE = "Получатель не ответил за 15 секунд."
NO_CONNECTION = "Соединиться с получателем не удалось."


class Answer(Value):
    """What the receiver said; without a code, `text` is our own sentence. `is_final`: no use to try again."""

    code: int | None = None
    text: str = ""
    is_final: bool = False

    @property
    def is_good(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


class Post:
    """Sends bodies; each on a connection of its own to the IP that the guard has looked at."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._client = httpx.AsyncClient(
            trust_env=False,  # a proxy would resolve the name anew
            follow_redirects=False,
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.aclose()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what came of it, whatever it is."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._send(url, headers, body)
        except Unsafe as unsafe:
            return Answer(text=unsafe.sentence, is_final=not unsafe.may_mend)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(text=LATE)
        except (httpx.HTTPError, httpx.StreamError, OSError):
            return Answer(text=NO_CONNECTION)

    async def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        target = await self._guard.target(url)
        request = self._client.build_request(
            "POST",
            target.pinned,
            headers={"Host": target.url.netloc.decode(), "Accept-Encoding": "identity", **headers},
            content=body,
            extensions={"sni_hostname": target.url.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            return Answer(code=response.status_code, text=await beginning_of(response))
        finally:
            await response.aclose()


async def beginning_of(response: httpx.Response) -> str:
    """Return the first characters of an answer; the rest is never read, and nothing is unpacked."""
    read = b""
    async for piece in response.aiter_raw():
        read += piece[: MOST_BYTES - len(read)]
        if len(read) >= MOST_BYTES:
            break
    text = "".join(sign if sign.isprintable() else " " for sign in read.decode(errors="replace"))
    return text[:SHOWN_CHARACTERS].strip()
