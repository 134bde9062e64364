"""Who waits for his turn when the web process has too much in hand, and who never does: a call and its telephone."""

import asyncio
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Overloaded, Refusal

# Questions only: whatever writes (answer, hang up, finish, presence) goes at once.
TAKES_TURNS = ("GET", "HEAD")
AT_ONCE = re.compile(
    r"/(live|softphone|desk/|health/|metrics|static/|phone|line/|api/v1/(line/|desk|reasons))"
    r"|/(api/v1/)?calls/[^/]+(/completion|/messages/form)?$|.*/transfer-targets$"
)
# One process has one processor: more at once would only make each slower, the calls' requests among them.
AT_WORK, IN_LINE = 4, 40
PATIENCE = 1.0


class Turns:
    """A few questions at a time; a short line behind them; the others hear «not now» while it costs next to nothing."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Refusal | None], Response]) -> None:
        self.app = app
        self.answer = answer
        self._free = asyncio.Semaphore(AT_WORK)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in TAKES_TURNS or AT_ONCE.match(scope["path"]):
            await self.app(scope, receive, send)
        elif await self._comes():
            await self._take(scope, receive, send)
        else:
            await self.answer(Request(scope), Overloaded())(scope, receive, send)

    async def _comes(self) -> bool:
        if self._waiting >= IN_LINE:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The turn ends when the answer begins: a slow reader of a file is no work of ours."""
        is_over = False

        def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self._free.release()

        async def send_watched(message: Message) -> None:
            end()
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        finally:
            end()
