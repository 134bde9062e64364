"""Health for those who run the centre: alive, ready, figures. Details stay inside the house."""

from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from api.metrics import REGISTRY
from api.session import authenticate, bearer_of, public
from schemas.errors import NotFound
from services.access import may
from services.health import Figures, Ground, get_figures, get_readiness

router = APIRouter(include_in_schema=False)


@router.get("/health/live", dependencies=[public()])
async def show_live() -> dict[str, str]:
    """The process answers; nothing else is asked, or a dead neighbour would restart it for nothing."""
    return {"status": "alive"}


@router.get("/health/ready", dependencies=[public()])
async def show_ready(request: Request) -> Response:
    """Everything we stand on is there; which part is not is said inside only."""
    readiness = await get_readiness(ground_of(request))
    body: dict[str, object] = {"status": "ready" if readiness.is_ready else "not ready"}
    if await is_trusted(request):
        body["troubles"] = readiness.troubles
    return JSONResponse(body, status_code=200 if readiness.is_ready else 503, headers={"Cache-Control": "no-store"})


@router.get("/metrics", dependencies=[public()])
async def show_metrics(request: Request) -> Response:
    """Prometheus text: routes of this process, and the figures of the centre."""
    if not request.app.state.settings.web.metrics_open and not await is_trusted(request):
        raise NotFound
    figures = await get_figures(ground_of(request))
    centre = centre_registry(figures, request.app.state.live.readers)
    return Response(generate_latest(REGISTRY) + generate_latest(centre), media_type=CONTENT_TYPE_LATEST)


def ground_of(request: Request) -> Ground:
    """Return what this process was composed of."""
    state = request.app.state
    return Ground(state.database, state.valkey, state.temporal)


async def is_trusted(request: Request) -> bool:
    """Whether details may be told: to this machine, and to an administrator's bearer token."""
    if is_inside(request) or not bearer_of(request):
        return is_inside(request)
    try:
        async with request.app.state.database.transaction() as session:
            return may(await authenticate(request, session), "audit.read")
    except Exception:  # somebody unknown, or nobody can be asked: the state is told without details
        return False


def is_inside(request: Request) -> bool:
    """Whether somebody on this machine asks, and not a proxy of ours for somebody else."""
    if request.client is None or {"x-forwarded-for", "forwarded"} & set(request.headers):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def centre_registry(figures: Figures, readers: int) -> CollectorRegistry:
    """Return the centre's figures of this moment; what could not be read is left out."""
    registry = CollectorRegistry()
    Gauge("pult_live_streams", "Open live streams of this process.", registry=registry).set(readers)
    if figures.rescued is not None:
        Gauge("pult_rescued_by_net", "Calls matched though nobody asked: 0 is right.", registry=registry).set(
            figures.rescued
        )
    if figures.outbox is not None:
        Gauge("pult_outbox_waiting", "Undelivered rows.", registry=registry).set(figures.outbox.waiting)
        Gauge("pult_outbox_parked", "Rows given up after failures.", registry=registry).set(figures.outbox.parked)
        Gauge("pult_outbox_age_seconds", "Age of the oldest undelivered row.", registry=registry).set(
            figures.outbox.age
        )
    if figures.load is not None:
        add_load(registry, figures)
    return registry


def add_load(registry: CollectorRegistry, figures: Figures) -> None:
    assert figures.load is not None
    length = Gauge("pult_queue_length", "Waiting calls.", ("queue",), registry=registry)
    oldest = Gauge("pult_queue_oldest_seconds", "Wait of the first in the queue.", ("queue",), registry=registry)
    for queue in figures.load.queues:
        length.labels(queue.name).set(queue.waiting)
        oldest.labels(queue.name).set(queue.oldest)
    unsent = Gauge("pult_messages_waiting", "Messages that no provider has taken.", ("channel",), registry=registry)
    age = Gauge("pult_messages_oldest_seconds", "Age of the oldest of them.", ("channel",), registry=registry)
    for channel, messages in figures.load.messages.items():
        unsent.labels(channel).set(messages.waiting)
        age.labels(channel).set(messages.oldest)
    desks = Gauge("pult_desks", "Desks by state.", ("state",), registry=registry)
    for state, count in figures.load.desks.items():
        desks.labels(state).set(count)
    calls = Gauge("pult_calls", "Live calls by stage.", ("stage",), registry=registry)
    for stage, count in figures.load.calls.items():
        calls.labels(stage).set(count)
