"""The web process: pages and API, one FastAPI application."""

import re
from asyncio import create_task
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import ModuleType
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api import (
    call,
    call_voice,
    desk,
    directory,
    health,
    integration,
    job,
    line,
    line_choice,
    line_page,
    number_mark,
    queue,
    recording,
    staff,
    tokens,
    voicemail,
    webhook,
)
from api import call_filling as api_filling
from api import errors as api_errors
from api import message as api_message
from api import message_template as api_message_template
from api import subscriber as api_subscriber
from api import subscriber_card as api_subscriber_card
from api import subscriber_import as api_import
from api import subscriber_register as api_register
from api.metrics import Metrics
from api.openapi import describe
from config.settings import Settings
from schemas.errors import Refusal
from schemas.message import MessageChannel
from services.live import Live
from services.staff import SessionRules
from services.subscriber_import import LARGEST
from store.live import Publisher, connect_valkey
from store.objects import Objects
from store.session import QUICK, Database
from ui import call as ui_call
from ui import call_dial as ui_call_dial
from ui import call_voice as ui_call_voice
from ui import desk as ui_desk
from ui import directory as ui_directory
from ui import errors as ui_errors
from ui import integration as ui_integration
from ui import job as ui_job
from ui import (
    journal,
    live,
    subscriber,
    subscriber_card,
    subscriber_import,
    subscriber_merge,
    subscriber_register,
    timeline,
)
from ui import line as ui_line
from ui import message as ui_message
from ui import message_template as ui_message_template
from ui import number_mark as ui_number_mark
from ui import queue as ui_queue
from ui import recording as ui_recording
from ui import staff as ui_staff
from ui import voicemail as ui_voicemail
from ui import webhook as ui_webhook
from ui.language import SOURCE, catalogue, languages
from ui.render import Pages, static_files
from ui.security import SecurityHeaders
from worker.temporal import connect
from worker.web_requests import BodyLimit, RequestLog, UnexpectedErrors
from worker.web_turns import Turns
from worker.webhook import means_of

LARGEST_BODY = 2**20
LARGER_BODIES = {
    re.compile(r"(/api/v1)?/subscribers/import"): LARGEST + LARGEST_BODY,
    # A thousand records in Cyrillic take several megabytes.
    re.compile(r"/api/v1/integration/[a-z]+/batch"): 8 * LARGEST_BODY,
}
API = "/api/"
API_ROUTERS = (
    health.router,
    tokens.router,
    staff.router,
    call.router,
    api_filling.router,
    call_voice.router,
    job.router,
    integration.router,
    webhook.router,
    desk.router,
    desk.reasons,
    directory.router,
    queue.router,
    line.router,
    line_choice.router,
    line_page.router,
    api_subscriber.router,
    api_register.router,
    api_import.router,
    api_subscriber_card.router,
    api_message.router,
    api_message_template.router,
    number_mark.router,
    recording.router,
    voicemail.router,
)
PAGE_ROUTERS = (
    ui_staff.router,
    ui_desk.router,
    ui_directory.router,
    ui_queue.router,
    ui_integration.router,
    ui_webhook.router,
    ui_message.router,
    ui_message_template.router,
    ui_number_mark.router,
    ui_line.router,
    ui_call.router,
    ui_call_dial.router,
    ui_call_voice.router,
    ui_job.router,
    subscriber_register.router,
    subscriber_import.router,
    ui_recording.router,
    ui_voicemail.router,
    journal.router,
    live.router,
    subscriber.router,
    subscriber_card.router,
    subscriber_merge.router,
    timeline.router,
)


def create_app(settings: Settings) -> FastAPI:
    """Return the application; it reaches its servers when it starts, and opens although some are away."""
    app = FastAPI(
        title="Пульт",
        version="1.0.0",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestLog),
            Middleware(Metrics),
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors, answer=answer_unexpected),
            Middleware(Turns, answer=answer_unexpected),
            Middleware(BodyLimit, largest=LARGEST_BODY, larger=LARGER_BODIES, answer=answer_unexpected),
        ],
    )
    app.state.settings = settings
    app.state.rules = rules_of(settings)
    app.state.cookie = "__Host-pult" if settings.security.cookie_secure else "pult"
    app.state.translation = translation
    url, options = settings.storage.place
    app.state.objects = Objects.at(url, **options)
    app.state.webhooks = means_of(settings)
    app.state.channels = channels_of(settings)
    app.state.pages = Pages(ZoneInfo(settings.centre.zone))
    app.mount("/static/dist", static_files())
    for router in API_ROUTERS:
        app.include_router(router)
    for router in PAGE_ROUTERS:
        app.include_router(router, include_in_schema=False)
    answer_errors(app)
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold the connections of the process."""
    settings: Settings = app.state.settings
    app.state.valkey = connect_valkey(settings.valkey.url.get_secret_value())
    app.state.database = Database(
        settings.database.url.get_secret_value(),
        Publisher(app.state.valkey),
        patience=QUICK,
        pool_size=settings.database.pool_size,
    )
    app.state.temporal = await connect(settings)
    app.state.live = Live(settings.valkey.url.get_secret_value())
    listening = create_task(app.state.live.run())
    yield
    app.state.live.close()
    listening.cancel()
    await app.state.database.close()
    await app.state.valkey.aclose()


def rules_of(settings: Settings) -> SessionRules:
    """Return how sessions live here."""
    security = settings.security
    return SessionRules(
        security.pepper.get_secret_value(), security.session_idle, security.session_absolute, security.login_by_snils
    )


def channels_of(settings: Settings) -> frozenset[MessageChannel]:
    """Return the channels that have a provider here."""
    hosts = {MessageChannel.SMS: settings.sms.host, MessageChannel.EMAIL: settings.email.host}
    return frozenset(channel for channel, host in hosts.items() if host)


def translation(accepted: str) -> Callable[[str], str]:
    """Return the translation for an Accept-Language header: the first language that we have."""
    wanted = [part.split(";")[0].strip().split("-")[0].lower() for part in accepted.split(",")]
    known = languages()
    return catalogue(next((language for language in wanted if language in known), SOURCE)).gettext


def answer_errors(app: FastAPI) -> None:
    """Let the API answer problems and the pages answer pages."""
    app.add_exception_handler(Refusal, by_door(api_errors.refused, ui_errors.refused))
    app.add_exception_handler(RequestValidationError, by_door(api_errors.misshapen, ui_errors.misshapen))
    app.add_exception_handler(HTTPException, by_door(api_errors.http_error, ui_errors.http_error))


def by_door(api: Callable[..., Response], ui: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    """Return the handler that looks through which door the request came."""

    async def answer(request: Request, error: Exception) -> Response:
        return (api if is_api(request) else ui)(request, error)

    return answer


def answer_unexpected(request: Request, refusal: Refusal | None) -> Response:
    """Return the answer to an outage, or to our own mistake."""
    door: ModuleType = api_errors if is_api(request) else ui_errors
    answer: Response = door.refused(request, refusal) if refusal else door.unexpected(request)
    return answer


def is_api(request: Request) -> bool:
    return request.url.path.startswith(API)
