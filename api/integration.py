"""Records of other systems: applications, enquiries and tickets, put here one by one or in batches."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, WithJsonSchema

from api.errors import say
from api.integration_session import ApiProgram, scope
from schemas.base import Value
from schemas.integration import Source
from schemas.integration_record import (
    MOST_ROWS,
    ROWS,
    SCOPES,
    Application,
    BatchReport,
    Enquiry,
    ExternalId,
    OutsideRecord,
    RecordKind,
    RecordReport,
    RowError,
    RowReport,
    Ticket,
    Upserted,
)
from services import integration_record as service
from services.integration import ProgramFront

APPLICATION, ENQUIRY, TICKET = RecordKind.APPLICATION, RecordKind.ENQUIRY, RecordKind.TICKET
router = APIRouter(prefix="/api/v1/integration", tags=["integration"])
From = Annotated[Source, Path(description="Which system the record lives in: a short word of the sender's own.")]
Id = Annotated[ExternalId, Path(description="The record's id in that system.")]
At = Annotated[AwareDatetime | None, Query(description="When it was removed over there; without it, now.")]
NEW: dict[int | str, dict[str, Any]] = {201: {"description": "The record is new.", "model": RecordReport}}


def described(kind: RecordKind) -> WithJsonSchema:
    """Describe a batch's rows as what they should be: each is read, and refused, by itself."""
    items = ROWS[kind].model_json_schema()
    return WithJsonSchema({"type": "array", "maxItems": MOST_ROWS, "items": items})


class ApplicationBatch(Value):
    """Applications of one source."""

    source: Source
    rows: Annotated[list[Any], described(APPLICATION)]


class EnquiryBatch(Value):
    """Enquiries of one source."""

    source: Source
    rows: Annotated[list[Any], described(ENQUIRY)]


class TicketBatch(Value):
    """Tickets of one source."""

    source: Source
    rows: Annotated[list[Any], described(TICKET)]


@router.put(
    "/applications/{source}/{external_id}",
    operation_id="put_application",
    dependencies=[scope(SCOPES[APPLICATION])],
    responses=NEW,
)
async def put_application(
    front: ApiProgram, response: Response, source: From, external_id: Id, record: Application
) -> RecordReport:
    """Write an application: the same again changes nothing, older news (`updated_at`) neither."""
    return await put(front, response, APPLICATION, (source, external_id), record)


@router.put(
    "/enquiries/{source}/{external_id}",
    operation_id="put_enquiry",
    dependencies=[scope(SCOPES[ENQUIRY])],
    responses=NEW,
)
async def put_enquiry(
    front: ApiProgram, response: Response, source: From, external_id: Id, record: Enquiry
) -> RecordReport:
    """Write an enquiry: the same again changes nothing, older news (`updated_at`) neither."""
    return await put(front, response, ENQUIRY, (source, external_id), record)


@router.put(
    "/tickets/{source}/{external_id}", operation_id="put_ticket", dependencies=[scope(SCOPES[TICKET])], responses=NEW
)
async def put_ticket(
    front: ApiProgram, response: Response, source: From, external_id: Id, record: Ticket
) -> RecordReport:
    """Write a ticket: the same again changes nothing, older news (`updated_at`) neither."""
    return await put(front, response, TICKET, (source, external_id), record)


@router.delete(
    "/applications/{source}/{external_id}",
    status_code=204,
    operation_id="remove_application",
    dependencies=[scope(SCOPES[APPLICATION])],
)
async def remove_application(front: ApiProgram, source: From, external_id: Id, updated_at: At = None) -> Response:
    """Take an application out of the cards; 204 too when it is gone already, was never here or has newer news."""
    return await remove(front, APPLICATION, (source, external_id), updated_at)


@router.delete(
    "/enquiries/{source}/{external_id}",
    status_code=204,
    operation_id="remove_enquiry",
    dependencies=[scope(SCOPES[ENQUIRY])],
)
async def remove_enquiry(front: ApiProgram, source: From, external_id: Id, updated_at: At = None) -> Response:
    """Take an enquiry out of the cards; 204 too when it is gone already, was never here or has newer news."""
    return await remove(front, ENQUIRY, (source, external_id), updated_at)


@router.delete(
    "/tickets/{source}/{external_id}",
    status_code=204,
    operation_id="remove_ticket",
    dependencies=[scope(SCOPES[TICKET])],
)
async def remove_ticket(front: ApiProgram, source: From, external_id: Id, updated_at: At = None) -> Response:
    """Take a ticket out of the cards; 204 too when it is gone already, was never here or has newer news."""
    return await remove(front, TICKET, (source, external_id), updated_at)


@router.post("/applications/batch", operation_id="put_applications", dependencies=[scope(SCOPES[APPLICATION])])
async def put_applications(request: Request, front: ApiProgram, batch: ApplicationBatch) -> BatchReport:
    """Write up to 1,000 applications, each by itself; rows with one external id are refused, all of them."""
    return told(request, await service.upsert_batch(front, APPLICATION, batch.source, batch.rows))


@router.post("/enquiries/batch", operation_id="put_enquiries", dependencies=[scope(SCOPES[ENQUIRY])])
async def put_enquiries(request: Request, front: ApiProgram, batch: EnquiryBatch) -> BatchReport:
    """Write up to 1,000 enquiries, each by itself; rows with one external id are refused, all of them."""
    return told(request, await service.upsert_batch(front, ENQUIRY, batch.source, batch.rows))


@router.post("/tickets/batch", operation_id="put_tickets", dependencies=[scope(SCOPES[TICKET])])
async def put_tickets(request: Request, front: ApiProgram, batch: TicketBatch) -> BatchReport:
    """Write up to 1,000 tickets, each by itself; rows with one external id are refused, all of them."""
    return told(request, await service.upsert_batch(front, TICKET, batch.source, batch.rows))


async def put(
    front: ProgramFront, response: Response, kind: RecordKind, key: tuple[str, str], record: OutsideRecord
) -> RecordReport:
    report = await service.upsert(front, kind, key, record)
    if report.result is Upserted.CREATED:
        response.status_code = 201
    return report


async def remove(front: ProgramFront, kind: RecordKind, key: tuple[str, str], at: AwareDatetime | None) -> Response:
    await service.remove(front, kind, key, at)
    return Response(status_code=204)


def told(request: Request, report: BatchReport) -> BatchReport:
    """Return the report with its sentences in the language that the client accepts."""
    rows = [row if not row.errors else said_row(request, row) for row in report.rows]
    return report.model_copy(update={"rows": tuple(rows)})


def said_row(request: Request, row: RowReport) -> RowReport:
    errors = [RowError(field=error.field, message=say(request, error.message)) for error in row.errors]
    return row.model_copy(update={"errors": tuple(errors)})
