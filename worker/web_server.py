"""Serves the web application; when it stops, the open streams are ended first, for they would hold it."""

import contextlib
import socket
import sys

import uvicorn
from fastapi import FastAPI

from config.settings import WebSettings

# For requests under way; after that they are cut.
GRACE_SECONDS = 3


def serve(app: FastAPI, web: WebSettings) -> None:
    """Serve until a signal; a start that failed has been told in the log."""
    server = Server(app, web)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


class Server(uvicorn.Server):
    """Uvicorn waits for every connection before it ends the lifespan, so the streams must be told earlier."""

    def __init__(self, app: FastAPI, web: WebSettings) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                app,
                host=web.host,
                port=web.port,
                timeout_graceful_shutdown=GRACE_SECONDS,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(web.trusted_proxy),
                forwarded_allow_ips=web.trusted_proxy or None,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to the streams, then as usual."""
        self._app.state.live.close()
        await super().shutdown(sockets)
