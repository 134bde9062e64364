"""The description of the API: how to log in, how every «no» looks."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.integration_session import SCOPE
from api.session import PUBLIC

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:pult:problem:conflict"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For programs; the sentences may change."},
        "detail": {"type": "string", "description": "For people, in the language of Accept-Language."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemField"}},
        "trace_id": {"type": "string", "description": "Also X-Request-ID: what to tell the administrator."},
    },
}
PROBLEM_FIELD = {
    "type": "object",
    "required": ["pointer", "in", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901)."},
        "in": {"type": "string", "enum": ["body", "query", "path", "header", "cookie"]},
        "message": {"type": "string"},
    },
}
BEARER = {"type": "http", "scheme": "bearer", "description": "The token of POST /api/v1/tokens."}
INTEGRATION = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of another system (pult_int_…), made by the administrator in the section of integrations.",
}
WHY = {"401": "Log in.", "403": "The role has no such right.", "422": "The request does not fit.", "429": "Too often."}
Operation = dict[str, Any]


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document that `app.openapi` made, with what FastAPI does not know."""
    document = FastAPI.openapi(app)
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {}).update({"Problem": PROBLEM, "ProblemField": PROBLEM_FIELD})
    for left_over in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(left_over, None)
    parts["securitySchemes"] = {"token": BEARER, "integration": INTEGRATION}
    document["security"] = [{"token": []}]
    verbs = verbs_of(app)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            explain(operation, verbs.get((path, method.upper()), ""))
    return document


def explain(operation: Operation, verb: str) -> None:
    """Say of one operation whom it is for and how it refuses."""
    if verb == PUBLIC:
        operation["security"] = []
    elif verb.startswith(SCOPE):
        operation["security"] = [{"integration": []}]
        operation["x-scope"] = verb.removeprefix(SCOPE)
    else:
        operation["x-right"] = verb
    throttled = ("429",) if verb == PUBLIC or verb.startswith(SCOPE) else ()
    statuses = (*(() if verb == PUBLIC else ("401", "403")), "422", *throttled)
    for status in statuses:
        operation["responses"][status] = problem_of(WHY[status])
    operation["responses"]["default"] = problem_of("Any other refusal.")


def problem_of(why: str) -> dict[str, Any]:
    """Return one answer of the kind «no»."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": why, "content": {"application/problem+json": {"schema": schema}}}


def verbs_of(app: FastAPI) -> dict[tuple[str, str], str]:
    """Return the verb of every route."""
    return {
        (route.path or "", method): verb
        for route in iter_route_contexts(app.routes)
        for depends in getattr(route, "dependencies", ())
        if (verb := getattr(depends.dependency, "verb", None))
        for method in route.methods or ()
    }
