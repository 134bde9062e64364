"""Forged requests: a browser's unsafe request must come from our own page and carry its session's token."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from schemas.errors import Forbidden

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "X-CSRF-Token", "csrf"
STALE_PAGE = "Страница устарела. Обновите её и повторите."
OTHER_SITE = "Запрос пришёл с другого сайта и отклонён."


class Forged(Forbidden):
    """The request may come from another site."""

    code = "forged"
    sentence = OTHER_SITE


def check(method: str, headers: Mapping[str, str], expected: str, given: str) -> None:
    """Refuse an unsafe request of another site, or one without the session's token."""
    if method in SAFE:
        return
    check_site(method, headers)
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forged(STALE_PAGE)


def check_site(method: str, headers: Mapping[str, str]) -> None:
    """Refuse an unsafe request that the browser itself says comes from another site."""
    if method in SAFE:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forged
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise Forged
