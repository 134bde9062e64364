"""Webhooks, kept by a program: addresses, their secrets, the journal of deliveries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.integration_session import ApiProgram, scope
from api.versions import Version, tag
from schemas.base import Value
from schemas.integration import Scope
from schemas.webhook import DeliveryView, IssuedWebhook, SaveWebhook, WebhookView
from services import webhook as service
from services.webhook import Keeper

router = APIRouter(prefix="/api/v1/integration/webhooks", tags=["webhook"])
MANAGE = [scope(Scope.WEBHOOKS_MANAGE)]


class WebhookPing(Value):
    """A trial; the same key is the same one."""

    key: str = Field(min_length=8, max_length=100)


class DeliveryPage(Value):
    """A page of the journal; `next_after` asks for the one behind it."""

    deliveries: tuple[DeliveryView, ...]
    next_after: UUID | None


def keeper_dependency(request: Request, front: ApiProgram) -> Keeper:
    return Keeper.program(front, request.app.state.webhooks)


ApiKeeper = Annotated[Keeper, Depends(keeper_dependency)]


@router.get("", operation_id="list_webhooks", dependencies=MANAGE)
async def list_webhooks(keeper: ApiKeeper) -> list[WebhookView]:
    """List the addresses, those that are stopped last."""
    return list(await service.list_webhooks(keeper))


@router.post("", status_code=201, operation_id="create_webhook", dependencies=MANAGE)
async def create_webhook(keeper: ApiKeeper, typed: SaveWebhook, response: Response) -> IssuedWebhook:
    """Add an address; its secret is told this once. An address inside our network is refused."""
    issued = await service.create_webhook(keeper, typed)
    tag(response, issued.version)
    return issued


@router.get("/{webhook_id}", operation_id="get_webhook", dependencies=MANAGE)
async def get_webhook(keeper: ApiKeeper, webhook_id: UUID, response: Response) -> WebhookView:
    """Return an address; its ETag is what a change must name."""
    found = await service.get_webhook(keeper, webhook_id)
    tag(response, found.version)
    return found


@router.put("/{webhook_id}", operation_id="save_webhook", dependencies=MANAGE)
async def save_webhook(
    keeper: ApiKeeper, webhook_id: UUID, typed: SaveWebhook, version: Version, response: Response
) -> WebhookView:
    """Change an address, or what it hears; 428 without If-Match, 412 when somebody changed it meanwhile."""
    saved = await service.save_webhook(keeper, webhook_id, version, typed)
    tag(response, saved.version)
    return saved


@router.put("/{webhook_id}/stop", status_code=204, operation_id="stop_webhook", dependencies=MANAGE)
async def stop_webhook(keeper: ApiKeeper, webhook_id: UUID) -> Response:
    """Let an address hear nothing any more."""
    await service.stop_webhook(keeper, webhook_id)
    return Response(status_code=204)


@router.delete("/{webhook_id}/stop", status_code=204, operation_id="resume_webhook", dependencies=MANAGE)
async def resume_webhook(keeper: ApiKeeper, webhook_id: UUID) -> Response:
    """Let an address hear again."""
    await service.resume_webhook(keeper, webhook_id)
    return Response(status_code=204)


@router.post("/{webhook_id}/secret", operation_id="rotate_webhook_secret", dependencies=MANAGE)
async def rotate_secret(keeper: ApiKeeper, webhook_id: UUID) -> IssuedWebhook:
    """Make a new secret; the old one signs too for 24 hours."""
    return await service.rotate_secret(keeper, webhook_id)


@router.post("/{webhook_id}/pings", status_code=202, operation_id="ping_webhook", dependencies=MANAGE)
async def ping_webhook(keeper: ApiKeeper, webhook_id: UUID, ping: WebhookPing) -> DeliveryView:
    """Send a trial event."""
    return await service.ping_webhook(keeper, webhook_id, ping.key)


@router.get("/{webhook_id}/deliveries", operation_id="list_deliveries", dependencies=MANAGE)
async def list_deliveries(
    keeper: ApiKeeper, webhook_id: UUID, after: Annotated[UUID | None, Query()] = None
) -> DeliveryPage:
    """Show what was sent to an address, the newest first."""
    rows, has_more = await service.list_deliveries(keeper, webhook_id, after)
    return DeliveryPage(deliveries=tuple(rows), next_after=rows[-1].id if has_more else None)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/resending",
    status_code=202,
    operation_id="resend_delivery",
    dependencies=MANAGE,
)
async def resend(keeper: ApiKeeper, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Begin a delivery anew that has ended."""
    return await service.resend(keeper, webhook_id, delivery_id)
