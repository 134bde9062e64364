"""Refusals as problem+json (RFC 9457)."""

from collections.abc import Iterable
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.errors import Invalid, Refusal
from schemas.sentences import Sentence, sentence_of, told

MEDIA_TYPE = "application/problem+json"
HTTP = {
    400: ("bad_request", "Запрос не удалось разобрать."),
    404: ("not_found", "Не найдено."),
    405: ("method_not_allowed", "Этот адрес не принимает такой метод."),
    413: ("too_large", "Отправлено слишком много данных."),
    415: ("unsupported_media_type", "Такой вид данных не поддерживается."),
}
"""What the framework refuses by itself: our code and sentence."""
TITLES = {
    400: "Неверный запрос",
    401: "Нужен вход",
    403: "Нет доступа",
    404: "Не найдено",
    405: "Метод не поддерживается",
    409: "Действие не выполнено",
    410: "Перенесено",
    412: "Данные изменились",
    413: "Слишком много данных",
    422: "Неверные данные",
    428: "Нужно условие",
    429: "Слишком много попыток",
    500: "Внутренняя ошибка",
    503: "Сервис недоступен",
}
UNEXPECTED = "Внутренняя ошибка. Мы её записали; сообщите номер администратору."


class Problem(JSONResponse):
    """The body of every «no»."""

    media_type = MEDIA_TYPE


def refused(request: Request, refusal: Refusal) -> Problem:
    """Return the problem of an expected refusal."""
    errors = [pointed(["body", name], say(request, sentence)) for name, sentence in fields_of(refusal).items()]
    detail = say(request, Sentence(refusal.sentence, refusal.params))
    answer = problem(request, refusal.status, refusal.code, detail, errors)
    if retry_after := getattr(refusal, "retry_after", None):
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def misshapen(request: Request, error: RequestValidationError) -> Problem:
    """Return the problem of a request that does not fit its schema."""
    errors = [pointed(e["loc"], say(request, sentence_of(e))) for e in error.errors()]
    return problem(request, 422, "invalid", say(request, Invalid.sentence), errors)


def http_error(request: Request, error: HTTPException) -> Problem:
    """Return the problem of what the framework refused: no such address, method, size."""
    code, sentence = HTTP.get(error.status_code, HTTP[400])
    answer = problem(request, error.status_code, code, say(request, sentence))
    answer.headers.update(error.headers or {})
    return answer


def unexpected(request: Request) -> Problem:
    """Return the problem of our own mistake; the log has the rest."""
    return problem(request, 500, "unexpected", say(request, UNEXPECTED))


def problem(request: Request, status: int, code: str, detail: str, errors: Iterable[Any] = ()) -> Problem:
    """Return one problem document."""
    body = {
        "type": f"urn:pult:problem:{code.replace('_', '-')}",
        "title": say(request, TITLES.get(status, TITLES[409])),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(errors),
        "trace_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    return Problem(body, status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)


def fields_of(refusal: Refusal) -> dict[str, str]:
    return getattr(refusal, "fields", {})


def pointed(place: Iterable[str | int], message: str) -> dict[str, str]:
    """Return where (a JSON pointer into the body, or the parameter) and what."""
    kind, *path = [str(part) for part in place]
    where = "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)
    return {"pointer": f"/{where}" if where else "", "in": kind, "message": message}


def say(request: Request, sentence: str) -> str:
    """Return the sentence in the language that the client accepts."""
    translation = request.app.state.translation(request.headers.get("accept-language", ""))
    return told(sentence, translation)
