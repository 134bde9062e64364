"""«Вебхуки»: addresses that hear of events here, their secrets, the journal of deliveries."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.errors import Refusal
from schemas.webhook import DELIVERY_WORDS, SUBSCRIBABLE, WEBHOOK_EVENT_WORDS, IssuedWebhook, SaveWebhook
from services import webhook as webhooks
from services.webhook import Keeper
from ui.integration import options, refusal_of, refused
from ui.language import gettext
from ui.render import fragment, news, page
from ui.session import UiFront, right

router = APIRouter(prefix="/webhooks", include_in_schema=False)
MANAGE = [right("integration.manage")]
LIVE = "pult:webhooks"
NOTHING_TYPED = {"name": "", "url": "https://", "events": ()}


def keeper_dependency(request: Request, front: UiFront) -> Keeper:
    return Keeper.employee(front, request.app.state.webhooks)


UiKeeper = Annotated[Keeper, Depends(keeper_dependency)]


@router.get("", dependencies=MANAGE)
async def show_webhooks(request: Request, keeper: UiKeeper) -> HTMLResponse:
    context = {"section": "integrations", "rows": await webhooks.list_webhooks(keeper)}
    return page(request, "webhook/webhooks.html", context | words_of())


@router.get("/form", dependencies=MANAGE)
async def show_new(request: Request) -> HTMLResponse:
    return form_dialog(request, None, NOTHING_TYPED)


@router.post("", dependencies=MANAGE)
async def create_webhook(request: Request, keeper: UiKeeper) -> HTMLResponse:
    typed = typed_of(await request.form())
    try:
        issued = await webhooks.create_webhook(keeper, SaveWebhook(**typed))
    except (Refusal, ValidationError) as error:
        return form_dialog(request, None, typed, refusal_of(error))
    return secret_dialog(request, issued)


@router.get("/{webhook_id}", dependencies=MANAGE)
async def show_webhook(request: Request, keeper: UiKeeper, webhook_id: UUID, after: UUID | None = None) -> HTMLResponse:
    found = await webhooks.get_webhook(keeper, webhook_id)
    rows, has_more = await webhooks.list_deliveries(keeper, webhook_id, after)
    context = {"section": "integrations", "webhook": found, "rows": rows, "key": uuid4(), "after": after}
    next_after = rows[-1].id if has_more else ""
    return page(request, "webhook/webhook.html", context | words_of() | {"next_after": next_after})


@router.get("/{webhook_id}/form", dependencies=MANAGE)
async def show_form(request: Request, keeper: UiKeeper, webhook_id: UUID) -> HTMLResponse:
    found = await webhooks.get_webhook(keeper, webhook_id)
    return form_dialog(request, webhook_id, found.model_dump(include={"name", "url", "events", "version"}))


@router.put("/{webhook_id}", dependencies=MANAGE)
async def save_webhook(request: Request, keeper: UiKeeper, webhook_id: UUID) -> Response:
    sent = await request.form()
    typed = typed_of(sent)
    try:
        await webhooks.save_webhook(keeper, webhook_id, version_of(sent), SaveWebhook(**typed))
    except (Refusal, ValidationError) as error:
        return form_dialog(request, webhook_id, typed | {"version": version_of(sent)}, refusal_of(error))
    return done(gettext("Адрес сохранён."), close_dialog=True)


@router.put("/{webhook_id}/stop", dependencies=MANAGE)
async def stop_webhook(keeper: UiKeeper, webhook_id: UUID) -> Response:
    await webhooks.stop_webhook(keeper, webhook_id)
    return done(gettext("Адрес остановлен."))


@router.delete("/{webhook_id}/stop", dependencies=MANAGE)
async def resume_webhook(keeper: UiKeeper, webhook_id: UUID) -> Response:
    await webhooks.resume_webhook(keeper, webhook_id)
    return done(gettext("Адрес включён."))


@router.post("/{webhook_id}/secret", dependencies=MANAGE)
async def rotate_secret(request: Request, keeper: UiKeeper, webhook_id: UUID) -> HTMLResponse:
    return secret_dialog(request, await webhooks.rotate_secret(keeper, webhook_id))


@router.post("/{webhook_id}/pings", dependencies=MANAGE)
async def ping_webhook(keeper: UiKeeper, webhook_id: UUID, key: Annotated[str, Form(max_length=100)] = "") -> Response:
    await webhooks.ping_webhook(keeper, webhook_id, key)
    return done(gettext("Проверка отправлена: ответ появится в журнале."))


@router.post("/{webhook_id}/deliveries/{delivery_id}/resending", dependencies=MANAGE)
async def resend(keeper: UiKeeper, webhook_id: UUID, delivery_id: UUID) -> Response:
    await webhooks.resend(keeper, webhook_id, delivery_id)
    return done(gettext("Отправляем ещё раз."))


def typed_of(form: FormData) -> dict[str, Any]:
    texts = {name: str(form.get(name, "")) for name in ("name", "url")}
    return texts | {"events": [str(value) for value in form.getlist("events")]}


def version_of(form: FormData) -> int:
    told = str(form.get("version", ""))
    return int(told) if told.isdecimal() else 0


def form_dialog(
    request: Request, webhook_id: UUID | None, typed: dict[str, Any], refusal: Refusal | None = None
) -> HTMLResponse:
    events = options({event: WEBHOOK_EVENT_WORDS[event] for event in SUBSCRIBABLE})
    context = {"webhook_id": webhook_id, "typed": typed, "events": events, **refused(request, refusal)}
    return fragment(request, "webhook/_form.html", context, refusal.status if refusal else 200)


def secret_dialog(request: Request, issued: IssuedWebhook) -> HTMLResponse:
    return fragment(request, "webhook/_secret.html", {"webhook": issued}, headers=news(LIVE))


def words_of() -> dict[str, Any]:
    return {"event_words": WEBHOOK_EVENT_WORDS, "delivery_words": DELIVERY_WORDS}


def done(said: str, close_dialog: bool = False) -> Response:
    return Response(status_code=204, headers=news(LIVE, toast=said, close_dialog=close_dialog))
