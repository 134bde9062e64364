"""Web line: a page left open under a number."""

from uuid import UUID

from pydantic import Field

from schemas.base import Value
from schemas.line import LineCall


class OpenLinePage(Value):
    """A citizen lets himself be called on this page. Any spelling of the number."""

    number: str = Field(min_length=2, max_length=40)


class LinePageView(Value):
    """An open page: only a confirmed number is called. `call`: who calls it now; `token` is told to its opener."""

    page_id: UUID
    number: str
    confirmed: bool
    call: LineCall | None = None
    token: str | None = None
