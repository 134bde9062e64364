"""The real application for tests, and clients of it: a browser with a session, a program with a token, nobody."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from config.settings import Settings
from schemas.integration import CreateIntegrationToken, Scope
from schemas.staff import Actor, Role
from services import staff
from services.front import Front
from services.integration import create_token
from services.staff import API, BROWSER, Visit
from store.staff import Employee
from worker.web import create_app

ADDRESS = "203.0.113.7"
ORIGIN = "http://pult.test"
applications: dict[str, FastAPI] = {}


class Doors:
    """The application, running, and its clients."""

    def __init__(self, app: FastAPI, stack: AsyncExitStack) -> None:
        self.app = app
        self._stack = stack

    async def nobody(self) -> AsyncClient:
        """A client that has not logged in."""
        transport = ASGITransport(self.app, client=(ADDRESS, 40000))
        return await self._stack.enter_async_context(AsyncClient(transport=transport, base_url=ORIGIN))

    async def browser(self, employee: Employee, role: Role | None = None) -> AsyncClient:
        """A page of this employee in his (first) role, with its cookie and CSRF token."""
        client = await self.nobody()
        token = await self._token(employee, role, BROWSER)
        client.cookies.set(self.app.state.cookie, token, domain="pult.test")
        client.headers["X-CSRF-Token"] = (await self.actor(client)).csrf
        return client

    async def program(self, employee: Employee, role: Role | None = None) -> AsyncClient:
        """An API client of this employee."""
        client = await self.nobody()
        client.headers["Authorization"] = f"Bearer {await self._token(employee, role, API)}"
        return client

    async def integration(self, admin: Employee, *scopes: Scope, **options: Any) -> AsyncClient:
        """A program of another system, with a token that this administrator made."""
        client = await self.nobody()
        async with self.app.state.database.transaction() as session:
            front = Front(await self.actor(await self.browser(admin)), session, self.app.state.temporal)
            typed = CreateIntegrationToken(name="АИС МФЦ", scopes=scopes, **options)
            token = await create_token(front, self.app.state.rules, typed)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    async def actor(self, client: AsyncClient) -> Actor:
        """Who a browser is."""
        token = client.cookies[self.app.state.cookie]
        async with self.app.state.database.transaction() as session:
            actor = await staff.actor_of(session, self.app.state.rules, token, BROWSER)
        assert actor is not None
        return actor

    async def _token(self, employee: Employee, role: Role | None, kind: str) -> str:
        async with self.app.state.database.transaction() as session:
            chosen = role or staff.roles_of(employee)[0]
            issued = await staff.issue(session, self.app.state.rules, employee, chosen, Visit(kind, ADDRESS))
        return issued.token


def prepared(settings: Settings) -> FastAPI:
    """Return an application of these settings; its routes and templates are code, so a worker prepares them once."""
    app = create_app(settings)
    first = applications.setdefault(settings.centre.zone, app)
    app.router.routes[:] = first.router.routes
    app.state.pages = first.state.pages
    return app


@pytest.fixture
async def doors(settings: Settings) -> AsyncIterator[Doors]:
    """The application on the test's own database."""
    app = prepared(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Doors(app, stack)
