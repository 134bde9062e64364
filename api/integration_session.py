"""Who asks on behalf of another system: a token of its own kind, never an employee's session."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request, params

from api.session import bearer_of, rules_of
from schemas.integration import Scope
from services.integration import ProgramFront, program_of

SCOPE = "scope "


async def program_dependency(request: Request) -> AsyncIterator[ProgramFront]:
    """Open the request's transaction; it is committed before the answer leaves."""
    state = request.app.state
    async with state.database.transaction() as session:
        program = await program_of(session, rules_of(request), state.valkey, bearer_of(request))
        yield ProgramFront(program, session)


ApiProgram = Annotated[ProgramFront, Depends(program_dependency, scope="function")]


class NeedsScope:
    """The scope that a route needs: a dependency that refuses, and a mark that a test walks."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.verb = SCOPE + scope.value

    async def __call__(self, front: ApiProgram) -> None:
        front.require(self.scope)


def scope(needed: Scope) -> params.Depends:
    """Name the scope of a route: `dependencies=[scope(Scope.TICKETS_WRITE)]`."""
    return params.Depends(NeedsScope(needed), scope="function")
