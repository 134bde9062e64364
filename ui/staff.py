"""Login, the choice of a role, «Сменить роль», «Выйти» and the plain start page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from schemas.errors import Refusal
from schemas.sentences import invalid
from schemas.staff import ROLE_WORDS, Credentials, IssuedToken, Role
from services import csrf, staff
from services.staff import BROWSER, Visit
from services.staff_login import log_in as check_and_log_in
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, page
from ui.session import UiFront, UiSession, first_screen, has_section, public, right, rules_of, token_of

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]


@router.get("/login", dependencies=[public()])
async def show_login(request: Request, session: UiSession, next: str = "") -> Response:
    actor = await staff.actor_of(session, rules_of(request), token_of(request), BROWSER)
    if actor is not None:
        return RedirectResponse(way_on(next, actor.role), 303)
    return login_page(request, "", next)


@router.post("/login", dependencies=[public()])
async def log_in(request: Request, login: Text = "", password: Text = "", next: Text = "") -> Response:
    csrf.check_site(request.method, request.headers)
    try:
        credentials = Credentials(login=login.strip(), password=password)
        visit = Visit(BROWSER, request.client.host if request.client else "")
        issued = await check_and_log_in(request.app.state.database, rules_of(request), credentials, visit)
    except (Refusal, ValidationError) as error:
        return login_page(request, login, next, invalid(error) if isinstance(error, ValidationError) else error)
    return entered(request, issued, next)


@router.get("/login/role", dependencies=[public()])
async def show_roles(request: Request, session: UiSession, next: str = "") -> Response:
    roles = await staff.roles_to_choose(session, rules_of(request), token_of(request))
    return role_page(request, roles, next)


@router.post("/login/role", dependencies=[public()])
async def choose_role(request: Request, session: UiSession, role: Text = "", next: Text = "") -> Response:
    csrf.check_site(request.method, request.headers)
    roles = await staff.roles_to_choose(session, rules_of(request), token_of(request))
    if role not in roles:
        return role_page(request, roles, next, gettext("Выберите роль."))
    issued = await staff.choose_role(session, rules_of(request), token_of(request), Role(role))
    return entered(request, issued, next)


@router.get("/role", dependencies=[right("staff.change_role")])
async def show_role_dialog(request: Request, front: UiFront) -> HTMLResponse:
    return role_dialog(request, front, front.actor.role)


@router.post("/role", dependencies=[right("staff.change_role")])
async def change_role(request: Request, front: UiFront, role: Text = "") -> Response:
    if role not in front.actor.roles:
        return role_dialog(request, front, role, {"role": gettext("Выберите роль.")})
    try:
        issued = await staff.change_role(front, rules_of(request), Role(role))
    except Refusal as refusal:
        return role_dialog(request, front, role, refusal=refusal)
    return with_cookie(request, onward(request, first_screen(Role(role))), issued)


@router.post("/logout", dependencies=[right("staff.log_out")])
async def log_out(request: Request, front: UiFront) -> Response:
    await staff.log_out(front)
    answer = onward(request, "/login")
    answer.delete_cookie(request.app.state.cookie, secure=request.app.state.settings.security.cookie_secure)
    return answer


@router.get("/", dependencies=[right("staff.stay")])
async def show_first_screen(front: UiFront) -> RedirectResponse:
    return RedirectResponse(first_screen(front.actor.role), 303)


@router.get("/start", dependencies=[right("staff.stay")])
async def show_start(request: Request, front: UiFront) -> HTMLResponse:
    return page(request, "staff/start.html", {"section": "start", "role": gettext(ROLE_WORDS[front.actor.role])})


def login_page(request: Request, login: str, next: str, refusal: Refusal | None = None) -> HTMLResponse:
    """The login again: what was typed stays, the password does not."""
    errors = fields(request, refusal) if refusal else {}
    context = {
        "login": login,
        "next": next,
        "errors": errors,
        "refusal": words(request, refusal) if refusal and not errors else "",
        "by_snils": rules_of(request).by_snils,
        "centre": request.app.state.settings.centre.name,
    }
    answer = page(request, "staff/login.html", context, refusal.status if refusal else 200)
    if retry_after := getattr(refusal, "retry_after", None):
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def role_page(request: Request, roles: tuple[Role, ...], next: str, error: str = "") -> HTMLResponse:
    context = {"roles": options(roles), "next": next, "error": error}
    return page(request, "staff/choose_role.html", context, 422 if error else 200)


def role_dialog(
    request: Request, front: UiFront, role: str, errors: dict[str, str] | None = None, refusal: Refusal | None = None
) -> HTMLResponse:
    context = {
        "roles": options(front.actor.roles),
        "role": role,
        "errors": errors or {},
        "refusal": words(request, refusal) if refusal else "",
    }
    status = refusal.status if refusal else 422 if errors else 200
    return fragment(request, "staff/_change_role.html", context, status)


def options(roles: tuple[Role, ...]) -> list[tuple[str, str]]:
    return [(role.value, gettext(ROLE_WORDS[role])) for role in roles]


def entered(request: Request, issued: IssuedToken, next: str) -> Response:
    """To the page that was asked for, or first to the choice of a role."""
    if issued.role is None:
        address = f"/login/role?next={next}" if is_ours(next) else "/login/role"
        return with_cookie(request, RedirectResponse(address, 303), issued)
    return with_cookie(request, RedirectResponse(way_on(next, issued.role), 303), issued)


def way_on(next: str, role: Role) -> str:
    """The page that was asked for, unless it is a section that this role does not have."""
    return next if is_ours(next) and has_section(next, role) else first_screen(role)


def is_ours(address: str) -> bool:
    """Only a path of this site: `//evil` and `/\\evil` lead away."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()


def onward(request: Request, address: str) -> Response:
    """Leave the whole page, also from htmx."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def with_cookie(request: Request, answer: Response, issued: IssuedToken) -> Response:
    """The cookie lives as long as the browser; the server keeps the limits."""
    secure = request.app.state.settings.security.cookie_secure
    answer.set_cookie(request.app.state.cookie, issued.token, httponly=True, secure=secure, samesite="lax", path="/")
    return answer
