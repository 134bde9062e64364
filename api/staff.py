"""Staff: who works here, and who is shut out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.session import ApiFront, right
from schemas.staff import EmployeeView
from services import staff

router = APIRouter(prefix="/api/v1/staff", tags=["staff"])


@router.get("", operation_id="list_staff", dependencies=[right("staff.list")])
async def list_staff(front: ApiFront, q: Annotated[str, Query(max_length=100)] = "") -> list[EmployeeView]:
    """List employees by name, at most 100; `q` is a part of a name or login."""
    return await staff.list_staff(front, q)


@router.put("/{employee_id}/block", status_code=204, operation_id="block_employee", dependencies=[right("staff.block")])
async def block(front: ApiFront, employee_id: UUID) -> Response:
    """Shut an employee out: his sessions and open pages end, his desk gets no calls."""
    await staff.block(front, employee_id)
    return Response(status_code=204)


@router.delete(
    "/{employee_id}/block", status_code=204, operation_id="unblock_employee", dependencies=[right("staff.block")]
)
async def unblock(front: ApiFront, employee_id: UUID) -> Response:
    """Let an employee in again; he logs in anew."""
    await staff.unblock(front, employee_id)
    return Response(status_code=204)
