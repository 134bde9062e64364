"""The headers of every answer: a strict CSP with a nonce of its own, and nothing kept by a shared cache."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HASHED = "/static/dist/"
FOR_EVER = "public, max-age=31536000, immutable"


class SecurityHeaders:
    """Plain ASGI, so that a live stream passes through untouched; the nonce is `request.state.nonce`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                guard(MutableHeaders(scope=message), nonce, scope["path"], message["status"])
            await send(message)

        await self.app(scope, receive, send_guarded)


def guard(headers: MutableHeaders, nonce: str, path: str, status: int) -> None:
    headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    is_hashed = path.startswith(HASHED) and status < 400
    headers.setdefault("Cache-Control", FOR_EVER if is_hashed else "no-store")
