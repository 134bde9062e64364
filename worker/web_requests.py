"""What happens around every request of the web process: its id, one line in the log, nothing personal."""

import re
import time
from collections.abc import Callable, Mapping
from socket import gaierror
from uuid import uuid4

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import Invalid, Refusal, TooLarge, Unavailable

QUIET = ("/static/", "/health/", "/metrics")
# A NUL inside a text, a number beyond its column.
UNHOLDABLE = {"22021", "22P05", "22003"}
# Waited too long for a lock or for the statement, chosen against a deadlock, too many connections, shutting down.
AWAY = {"55P03", "57014", "40P01", "40001", "53300", "57P01", "57P02", "57P03"}
log = structlog.get_logger("web")


class RequestLog:
    """Binds `request_id` for all that is logged within, and answers it as X-Request-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = uuid4().hex, time.perf_counter(), 500
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        finally:
            write_line(scope, status, time.perf_counter() - began)


def write_line(scope: Scope, status: int, seconds: float) -> None:
    """The route's pattern, not the address: an address may hold a name that somebody searched for."""
    if scope["path"].startswith(QUIET) and status < 500:
        return
    route = getattr(scope.get("route"), "path", "")
    log.info("web.request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


class UnexpectedErrors:
    """Turns what nobody expected into an answer, inside the other middlewares, so that their headers stay on it."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Refusal | None], Response]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def send_watched(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception as error:
            refusal = refusal_of(error)
            log.error("web.refused" if refusal else "web.unexpected", exc_info=not refusal, error=type(error).__name__)
            if began or scope["type"] != "http":
                raise
            await self.answer(Request(scope), refusal)(scope, receive, send)


class BodyLimit:
    """Refuses a body that is too large, by what its sender says of it or by what really comes; `larger`: what some
    paths may take instead."""

    def __init__(
        self,
        app: ASGIApp,
        largest: int,
        answer: Callable[[Request, Refusal | None], Response],
        larger: Mapping[re.Pattern[str], int],
    ) -> None:
        self.app = app
        self.largest = largest
        self.larger = larger
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        largest = next((limit for paths, limit in self.larger.items() if paths.fullmatch(path)), self.largest)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > largest:
            await self.answer(Request(scope), TooLarge())(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_counted, send)


def refusal_of(error: Exception) -> Refusal | None:
    """Return what to answer to an outage, or to text that PostgreSQL cannot hold; None for our own mistake."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in UNHOLDABLE:
            return Invalid()
        is_away = error.connection_invalidated or isinstance(error, InterfaceError) or state in AWAY
        return Unavailable() if is_away else None
    return Unavailable() if isinstance(error, ConnectionError | gaierror | TimeoutError | PoolTimeout) else None
