"""Refusals as a person sees them: a page for a navigation, a toast for a part of a page, the true status for both."""

import json
from urllib.parse import quote

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from schemas.errors import Invalid, Refusal
from schemas.sentences import Sentence, told
from ui.language import choose_language, gettext, language
from ui.render import page

TITLES = {401: "Нужен вход", 403: "Нет доступа", 404: "Не найдено", 413: "Слишком много данных", 500: "Ошибка"}
SENTENCES = {
    400: "Запрос не удалось разобрать.",
    404: "Такой страницы нет или она не для вас.",
    405: "Эта страница открывается иначе.",
    413: "Отправлено слишком много данных.",
    500: "Что-то пошло не так. Мы записали ошибку; повторите или сообщите номер администратору.",
}
NO_ACTION = "Действие не выполнено"


def refused(request: Request, refusal: Refusal) -> Response:
    """Return an expected refusal; forms show theirs themselves before it comes here."""
    if refusal.status == 401 and is_navigation(request):
        return RedirectResponse(login_address(request), 303)
    answer = shown(request, refusal.status, words(request, refusal))
    if retry_after := getattr(refusal, "retry_after", None):
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def misshapen(request: Request, error: RequestValidationError) -> Response:
    """Return the refusal of an address or form that does not fit: an unknown id is a page that is not there."""
    if any(e["loc"][0] == "path" for e in error.errors()):
        return shown(request, 404, spoken(request, SENTENCES[404]))
    return shown(request, 422, spoken(request, Invalid.sentence))


def http_error(request: Request, error: HTTPException) -> Response:
    """Return what the framework refused: no such address, method, size."""
    answer = shown(request, error.status_code, spoken(request, SENTENCES.get(error.status_code, SENTENCES[400])))
    answer.headers.update(error.headers or {})
    return answer


def unexpected(request: Request) -> Response:
    """Return our own mistake in words; the log has the rest."""
    return shown(request, 500, spoken(request, SENTENCES[500]))


def shown(request: Request, status: int, sentence: str) -> Response:
    """Return a page to those who navigate, a toast to a part of a page."""
    if request.headers.get("hx-request") and not request.headers.get("hx-boosted"):
        return toast(request, status, sentence)
    title = spoken(request, TITLES.get(status, NO_ACTION))
    trace = structlog.contextvars.get_contextvars().get("request_id", "") if status >= 500 else ""
    template = "staff/refusal.html" if getattr(request.state, "shell", None) else "staff/refusal_plain.html"
    return page(request, template, {"title": title, "sentence": sentence, "trace": trace}, status)


def toast(request: Request, status: int, sentence: str) -> Response:
    """Return a refusal that leaves the page as it is and says why."""
    news = json.dumps({"pult:toast": {"text": sentence, "kind": "danger"}})
    headers = {"HX-Reswap": "none", "HX-Trigger": news}
    if status == 401:
        headers = {"HX-Redirect": "/login"}
    return Response(status_code=status, headers=headers)


def words(request: Request, refusal: Refusal) -> str:
    """Return the refusal's sentence in the language of the page."""
    return spoken(request, Sentence(refusal.sentence, refusal.params))


def fields(request: Request, refusal: Refusal) -> dict[str, str]:
    """Return {field: sentence} of a refused form in the language of the page."""
    found = refusal.fields if isinstance(refusal, Invalid) else {}
    return {name: spoken(request, sentence) for name, sentence in found.items()}


def spoken(request: Request, sentence: str) -> str:
    language.set(choose_language(request.cookies.get("language")))
    return told(sentence, gettext)


def is_navigation(request: Request) -> bool:
    """Whether a person goes to a page (and may be sent to the login), not a script for a part of one."""
    if request.method not in ("GET", "HEAD") or (request.headers.get("hx-request") and not is_boosted(request)):
        return False
    mode = request.headers.get("sec-fetch-mode")
    return (
        is_boosted(request) or mode == "navigate" or (mode is None and "text/html" in request.headers.get("accept", ""))
    )


def is_boosted(request: Request) -> bool:
    return bool(request.headers.get("hx-boosted"))


def login_address(request: Request) -> str:
    """Return the login with the way back."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/login" if asked == "/" else f"/login?next={quote(asked, safe='')}"
