"""Rate, errors and duration of every route, as Prometheus counts them."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
REQUESTS = Counter("pult_http_requests", "Answered requests.", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "pult_http_request_seconds",
    "Time from the request to the end of its answer.",
    ("method", "route"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Middleware: counts each answer under its route's template, never under the address itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = time.perf_counter()
        seen: dict[str, int | bool] = {"status": 500, "is_stream": False}

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                seen["is_stream"] = (b"content-type", b"text/event-stream") in _plain(message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            method, route = _label(scope)
            REQUESTS.labels(method, route, str(seen["status"])).inc()
            if not seen["is_stream"]:  # a stream lasts as long as its reader stays
                SECONDS.labels(method, route).observe(time.perf_counter() - begun)


def _plain(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value.split(b";")[0].strip()) for name, value in headers]


def _label(scope: Scope) -> tuple[str, str]:
    """Strangers choose methods and addresses: only known ones become labels."""
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    return method, getattr(scope.get("route"), "path", "unknown")
