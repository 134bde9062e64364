"""«Объединить карточки»: two cards that are one person, side by side."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.errors import Invalid, Refusal
from schemas.sentences import invalid
from schemas.subscriber import FIELD_WORDS
from schemas.subscriber_merge import MergeSubscribers
from services import subscriber_merge
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)
MERGED = "Карточки объединены."
APART = "Объединение отменено: карточек снова две."


@router.get("/subscribers/{subscriber_id}/merge", dependencies=[right("subscriber.merge")])
async def show_merge(request: Request, front: UiFront, subscriber_id: UUID, q: str = "") -> HTMLResponse:
    found = await subscriber_merge.list_proposed(front, subscriber_id, q)
    context = {"subscriber_id": subscriber_id, "q": q, "found": found, "refusal": ""}
    return fragment(request, "subscriber/_merge_choice.html", context)


@router.get("/subscribers/{subscriber_id}/merge/{merged_id}", dependencies=[right("subscriber.merge")])
async def show_comparison(request: Request, front: UiFront, subscriber_id: UUID, merged_id: UUID) -> HTMLResponse:
    return await comparison(request, front, (subscriber_id, merged_id))


@router.post("/subscribers/{subscriber_id}/merge/{merged_id}", dependencies=[right("subscriber.merge")])
async def merge(request: Request, front: UiFront, subscriber_id: UUID, merged_id: UUID) -> Response:
    form = await request.form()
    try:
        await subscriber_merge.merge(front, subscriber_id, order_of(form, merged_id))
    except (Refusal, ValidationError) as error:
        refusal = invalid(error) if isinstance(error, ValidationError) else error
        return await comparison(request, front, (subscriber_id, merged_id), refusal)
    return done(subscriber_id, gettext(MERGED))


@router.delete("/subscribers/{subscriber_id}/merges/{merge_id}", dependencies=[right("subscriber.merge")])
async def undo(front: UiFront, subscriber_id: UUID, merge_id: UUID) -> Response:
    apart = await subscriber_merge.undo(front, merge_id)
    return done(apart.kept_id, gettext(APART))


async def comparison(
    request: Request, front: Front, pair: tuple[UUID, UUID], refusal: Refusal | None = None
) -> HTMLResponse:
    """Return both cards as they are now; what was refused is said above them."""
    found = await subscriber_merge.compare(front, *pair)
    wrong = fields(request, refusal) if isinstance(refusal, Invalid) else {}
    said = words(request, refusal) if refusal else ""
    sentences = [f"{gettext(FIELD_WORDS.get(name, name))}: {sentence}" for name, sentence in wrong.items()]
    context = {"found": found, "refusal": " ".join([said, *sentences]).strip()}
    return fragment(request, "subscriber/_merge.html", context, refusal.status if refusal else 200)


def order_of(form: FormData, merged_id: UUID) -> MergeSubscribers:
    """Return the order that the dialog gives: a field is taken from the other card where that was chosen."""
    values: dict[str, Any] = {name: str(form.get(name, "")) for name in ("version", "merged_version")}
    taken = tuple(name for name in FIELD_WORDS if form.get(f"from-{name}") == "merged")
    return MergeSubscribers(merged_id=merged_id, taken=taken, **values)


def done(subscriber_id: UUID, said: str) -> Response:
    event = f"pult:subscriber-{subscriber_id}"
    return Response(status_code=204, headers=news(event, "pult:calls", toast=said, close_dialog=True))
