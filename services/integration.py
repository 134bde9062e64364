"""Integrations at the front door: the tokens of other systems, and who a program is."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.errors import Forbidden, Invalid, NotFound, Unauthenticated
from schemas.integration import TOKEN_PREFIX, CreateIntegrationToken, IntegrationTokenView, Program, Scope
from schemas.sentences import Sentence
from services import line_throttle
from services.access import require
from services.front import Front
from services.staff import SessionRules
from store import audit
from store import integration as store
from store.base import clock
from store.integration import IntegrationToken

VERB = "integration.manage"
PER_MINUTE = 600
NO_TOKEN = "Нужен токен интеграции: его выдаёт администратор в разделе «Интеграции»."
NO_SCOPE = "У токена нет права {scope}."
OTHER_SOURCE = "Токен выдан для источника {own}: записи источника {source} он не меняет."


@dataclass(frozen=True)
class ProgramFront:
    """One request of another system."""

    program: Program
    session: AsyncSession

    def require(self, scope: Scope) -> None:
        """Refuse an act that the token does not open."""
        if scope not in self.program.scopes:
            raise Forbidden(NO_SCOPE, scope=scope.value)

    def require_source(self, source: str) -> None:
        """Refuse the records of another system than the token was made for."""
        own = self.program.source
        if own not in (None, source):
            raise Forbidden(OTHER_SOURCE, own=own or "", source=source)


async def program_of(session: AsyncSession, rules: SessionRules, valkey: Redis, token: str) -> Program:
    """Return who holds this token; an employee's session is none, and too many requests a minute are refused."""
    found = await store.find_program(session, rules.keyed(token)) if token.startswith(TOKEN_PREFIX) else None
    if found is None:
        raise Unauthenticated(NO_TOKEN)
    program = Program.model_validate(dict(found))
    await line_throttle.count(valkey, rules.pepper.encode(), "integration", str(program.token_id), PER_MINUTE)
    await store.touch(session, program.token_id)
    return program


async def list_tokens(front: Front) -> Sequence[IntegrationTokenView]:
    """Return every token, those in force first."""
    require(front.actor, VERB)
    return [_view(token, made_by) for token, made_by in await store.list_tokens(front.session)]


async def create_token(front: Front, rules: SessionRules, typed: CreateIntegrationToken) -> str:
    """Make a token and return it: this is the only time that it is known."""
    require(front.actor, VERB)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    made = await store.add(
        front.session,
        name=typed.name,
        hash=rules.keyed(secret),
        scopes=[scope.value for scope in typed.scopes],
        source=typed.source,
        created_by=front.actor.employee_id,
        expires_at=await _end_of(front, typed),
    )
    told = {"name": made.name, "scopes": made.scopes} | ({"source": made.source} if made.source else {})
    audit.record(front.session, front.actor.employee_id, ("integration", "create"), made.id, **told)
    return secret


async def revoke_token(front: Front, token_id: UUID) -> None:
    """Let a token open nothing any more; twice is once."""
    require(front.actor, VERB)
    token = await store.lock(front.session, token_id)
    if token is None:
        raise NotFound("Такого токена нет.")
    if token.revoked_at is None:
        token.revoked_at = await clock(front.session)
        audit.record(front.session, front.actor.employee_id, ("integration", "revoke"), token.id, name=token.name)


async def _end_of(front: Front, typed: CreateIntegrationToken) -> datetime | None:
    """A token is good to the end of its last day, by the clock of the centre."""
    if typed.expires_on is None:
        return None
    end = datetime.combine(typed.expires_on, time(), front.zone) + timedelta(days=1)
    if end <= await clock(front.session):
        raise Invalid(fields={"expires_on": Sentence("Этот день уже прошёл.")})
    return end


def _view(token: IntegrationToken, made_by: str) -> IntegrationTokenView:
    known = {name: getattr(token, name) for name in IntegrationTokenView.model_fields if name != "created_by"}
    return IntegrationTokenView(**known, created_by=made_by)
