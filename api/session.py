"""Who asks through the API: a bearer token, or the cookie of our own page with its CSRF token."""

from collections.abc import AsyncIterator
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, params

from schemas.errors import Unauthenticated
from schemas.staff import Actor
from services import csrf, staff
from services.access import RIGHTS, require
from services.front import Front, Session
from services.staff import API, BROWSER, SessionRules

BEARER = "bearer "
PUBLIC = "public"


def rules_of(request: Request) -> SessionRules:
    rules: SessionRules = request.app.state.rules
    return rules


def bearer_of(request: Request) -> str:
    """Return the token of the Authorization header, empty when there is none."""
    header = request.headers.get("authorization", "")
    return header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else ""


async def authenticate(request: Request, session: Session) -> Actor:
    """Return who asks or refuse."""
    rules = rules_of(request)
    token, kind = bearer_of(request), API
    if not token:
        token, kind = request.cookies.get(request.app.state.cookie, ""), BROWSER
    actor = await staff.actor_of(session, rules, token, kind) if token else None
    if actor is None:
        raise Unauthenticated
    if kind == BROWSER:
        csrf.check(request.method, request.headers, actor.csrf, request.headers.get(csrf.HEADER, ""))
    return actor


async def front_dependency(request: Request) -> AsyncIterator[Front]:
    """Open the request's transaction; it is committed before the answer leaves."""
    state = request.app.state
    only_reads = any(isinstance(one.dependency, Order) for one in request.scope["route"].dependencies)
    begun = state.database.reading() if only_reads else state.database.for_request(request.method)
    async with begun as session:
        actor, zone = await authenticate(request, session), ZoneInfo(state.settings.centre.zone)
        yield Front(actor, session, state.temporal, state.settings.temporal.task_queue, zone)


ApiFront = Annotated[Front, Depends(front_dependency, scope="function")]


class Right:
    """The verb that a route needs: a dependency that refuses, and a mark that a test walks."""

    def __init__(self, verb: str) -> None:
        assert verb in RIGHTS, verb
        self.verb = verb

    async def __call__(self, front: ApiFront) -> None:
        require(front.actor, self.verb)


class Order(Right):
    """The right of a route that only gives an order to a process: it reads here, what it orders is written there."""


class Public:
    """The mark of a route that needs nobody."""

    verb = PUBLIC

    async def __call__(self) -> None: ...


def right(verb: str) -> params.Depends:
    """Name the verb of a route: `dependencies=[right("call.read")]`."""
    return params.Depends(Right(verb), scope="function")


def order(verb: str) -> params.Depends:
    """Name the verb of a route that writes nothing itself: `dependencies=[order("call.hold")]`."""
    return params.Depends(Order(verb), scope="function")


def public() -> params.Depends:
    """Say that a route is open to everybody."""
    return params.Depends(Public(), scope="function")


async def session_dependency(request: Request) -> AsyncIterator[Session]:
    """Open the request's transaction for a public route."""
    async with request.app.state.database.for_request(request.method) as session:
        yield session


ApiSession = Annotated[Session, Depends(session_dependency, scope="function")]
