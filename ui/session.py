"""Who asks by a page: the session's cookie, the token against forged forms, and what every page shows of it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, params

from schemas.errors import Unauthenticated
from schemas.staff import ROLE_WORDS, Actor, Role
from services import csrf, desk, staff, voicemail
from services.access import RIGHTS, may, require
from services.front import Front, Session
from services.staff import BROWSER, SessionRules
from ui.language import choose_language, gettext, language

PUBLIC = "public"
MENU = (
    ("home", "Главная", "/home", "home", "home.read"),
    ("journal", "Журнал", "/journal", "phone", "call.list"),
    ("subscribers", "Абоненты", "/subscribers", "address-book", "subscriber.list"),
    ("voicemails", "Голосовая почта", "/voicemails", "message-2", "call.listen_voicemail"),
    ("messages", "Сообщения", "/messages", "mail", "message.list"),
    ("queues", "Очереди", "/queues", "users-group", "queue.manage"),
    ("message-templates", "Шаблоны сообщений", "/message-templates", "template", "message.manage_templates"),
    ("integrations", "Интеграции", "/integrations", "plug-connected", "integration.manage"),
    ("directories", "Справочники", "/directories/break-reasons", "list-details", "directory.manage"),
)
"""Sections: key, word on screen, address, icon and the verb that shows it."""
FIRST_SCREENS = {Role.OPERATOR: "/home", Role.SUPERVISOR: "/journal"}
START = "/start"


def rules_of(request: Request) -> SessionRules:
    rules: SessionRules = request.app.state.rules
    return rules


def token_of(request: Request) -> str:
    """Return the secret in the session's cookie, empty when there is none."""
    return request.cookies.get(request.app.state.cookie, "")


async def authenticate(request: Request, session: Session) -> Actor:
    """Return who asks or refuse; an unsafe request must carry the session's token."""
    token = token_of(request)
    actor = await staff.actor_of(session, rules_of(request), token, BROWSER) if token else None
    if actor is None:
        raise Unauthenticated
    csrf.check(request.method, request.headers, actor.csrf, await csrf_of(request))
    return actor


async def csrf_of(request: Request) -> str:
    """Return the token of the header, or of a plain form's field."""
    header = request.headers.get(csrf.HEADER)
    if header is not None or request.method in csrf.SAFE:
        return header or ""
    if not request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/")):
        return ""
    return str((await request.form()).get(csrf.FIELD, ""))


async def front_dependency(request: Request) -> AsyncIterator[Front]:
    """Open the request's transaction; it is committed before the answer leaves."""
    state = request.app.state
    async with state.database.for_request(request.method) as session:
        actor, zone = await authenticate(request, session), ZoneInfo(state.settings.centre.zone)
        front = Front(actor, session, state.temporal, state.settings.temporal.task_queue, zone)
        request.state.csrf = actor.csrf
        request.state.shell = shell_of(request, actor)
        if actor.desk_id is not None and not request.headers.get("hx-request"):  # only a whole page shows the frame
            request.state.shell["desk"] = await desk.get_desk(front)
            request.state.shell["break_reasons"] = await desk.list_break_reasons(front)
            request.state.shell["unheard"] = await voicemail.count_new(front)
        yield front


UiFront = Annotated[Front, Depends(front_dependency, scope="function")]


def shell_of(request: Request, actor: Actor) -> dict[str, Any]:
    """Return what the frame of every page shows: the menu of the role and the person."""
    language.set(choose_language(request.cookies.get("language")))
    menu = [
        {"key": key, "label": gettext(label), "url": url, "icon": icon}
        for key, label, url, icon, verb in MENU
        if may(actor, verb)
    ]
    person = {"name": actor.full_name, "role": gettext(ROLE_WORDS[actor.role]), "has_roles": len(actor.roles) > 1}
    return {"menu": menu, "person": person, "actor": actor}


def first_screen(role: Role) -> str:
    """Return where a role begins (R54)."""
    return FIRST_SCREENS.get(role, START)


def has_section(address: str, role: Role) -> bool:
    """Whether the address is no section of the menu, or one of this role."""
    path = urlsplit(address).path
    return all(role in RIGHTS[verb] for _, _, url, _, verb in MENU if url == path)


class Right:
    """The verb that a route needs: a dependency that refuses, and a mark that a test walks."""

    def __init__(self, verb: str) -> None:
        assert verb in RIGHTS, verb
        self.verb = verb

    async def __call__(self, front: UiFront) -> None:
        require(front.actor, self.verb)


class Public:
    """The mark of a route that needs nobody."""

    verb = PUBLIC

    async def __call__(self) -> None: ...


def right(verb: str) -> params.Depends:
    """Name the verb of a route: `dependencies=[right("call.read")]`."""
    return params.Depends(Right(verb), scope="function")


def public() -> params.Depends:
    """Say that a route is open to everybody."""
    return params.Depends(Public(), scope="function")


async def session_dependency(request: Request) -> AsyncIterator[Session]:
    """Open the request's transaction for a public route."""
    async with request.app.state.database.for_request(request.method) as session:
        yield session


UiSession = Annotated[Session, Depends(session_dependency, scope="function")]
