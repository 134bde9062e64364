"""Integration: tokens of other systems, what each of them may do."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from schemas.base import PLAIN, Value

TOKEN_PREFIX = "pult_int_"
"""By it a leaked token is known for what it is, and for whose."""


Source = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""Which system a record lives in: a short word of the sender's own."""


class Scope(StrEnum):
    """What a token opens; nothing else."""

    APPLICATIONS_WRITE = "applications:write"
    ENQUIRIES_WRITE = "enquiries:write"
    TICKETS_WRITE = "tickets:write"
    WEBHOOKS_MANAGE = "webhooks:manage"


SCOPE_WORDS = {
    Scope.APPLICATIONS_WRITE: "Передавать заявления",
    Scope.ENQUIRIES_WRITE: "Передавать обращения",
    Scope.TICKETS_WRITE: "Передавать талоны",
    Scope.WEBHOOKS_MANAGE: "Управлять вебхуками",
}
"""Scopes as the screen names them (gettext msgids)."""


class CreateIntegrationToken(Value):
    """A token as it is ordered; without `expires_on` it lives until it is revoked, with `source` it writes no other
    system's records."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PLAIN)]
    scopes: tuple[Scope, ...] = Field(min_length=1)
    expires_on: date | None = None
    source: Source | None = None

    @field_validator("scopes")
    @classmethod
    def check_scopes(cls, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
        """Each once, in one order."""
        return tuple(scope for scope in Scope if scope in scopes)


class IntegrationTokenView(Value):
    """A token as the administrator sees it: never the secret."""

    id: UUID
    name: str
    scopes: tuple[Scope, ...]
    source: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class Program(Value):
    """Who asks: another system, by one token."""

    token_id: UUID
    name: str
    scopes: tuple[Scope, ...]
    source: str | None = None
