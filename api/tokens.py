"""Tokens: programs log in as people do, with the same rights."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.session import ApiFront, public, right, rules_of
from schemas.staff import Credentials, IssuedToken, Role
from services import staff
from services.staff import API, Visit
from services.staff_login import log_in

router = APIRouter(prefix="/api/v1/tokens", tags=["staff"])


class CreateToken(Credentials):
    """Login, password and, when there are several, the role."""

    role: Role | None = Field(default=None, description="Needed when the employee has several roles.")


@router.post("", status_code=201, operation_id="create_token", dependencies=[public()])
async def create_token(request: Request, command: CreateToken) -> IssuedToken:
    """Log in; send the token as `Authorization: Bearer …`."""
    visit = Visit(API, request.client.host if request.client else "")
    return await log_in(request.app.state.database, rules_of(request), command, visit, command.role)


@router.delete("/current", status_code=204, operation_id="delete_token", dependencies=[right("staff.log_out")])
async def delete_token(front: ApiFront) -> Response:
    """Log out: the token ends, the desk becomes inactive. Refused in a call."""
    await staff.log_out(front)
    return Response(status_code=204)
