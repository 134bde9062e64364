"""Calling out: the dialling window of «Исходящие», the address book, and the buttons «Позвонить»."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from schemas.call import OUTCOME_WORDS, PlaceCall
from schemas.desk import DeskStatus
from schemas.errors import Busy, NotOutgoing, Refusal
from services import call_dial, desk, subscriber_book
from services.front import Front
from ui.errors import fields, words
from ui.journal import day_of
from ui.language import gettext
from ui.render import fragment, news
from ui.session import UiFront, right

router = APIRouter(include_in_schema=False)
MAY_CALL = [right("call.place")]
WINDOW = "window"


class Asked(PlaceCall):
    """A form that calls: the window's own, a button's beside a number, or the dialog's."""

    key: str = ""
    place: str = ""
    shown: str = ""
    switch: bool = False


@router.get("/softphone/book", dependencies=MAY_CALL)
async def search_book(request: Request, front: UiFront, q: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """The address book in the dialling window."""
    return fragment(request, "line/_book.html", {"book": await subscriber_book.search(front, q), "q": q})


@router.get("/softphone/dialled", dependencies=MAY_CALL)
async def show_dialled(request: Request, front: UiFront) -> HTMLResponse:
    """The numbers dialled today."""
    dialled = await call_dial.list_dialled(front, day_of(request).since)
    return fragment(request, "line/_dialled.html", {"dialled": dialled, "outcomes": outcomes()})


@router.post("/softphone/calls", dependencies=MAY_CALL)
async def place_call(request: Request, front: UiFront, asked: Annotated[Asked, Form()]) -> Response:
    """Call; what is refused is said in the window, or in a dialog that offers to go to «Исходящие»."""
    act = call_dial.switch_and_call if asked.switch else call_dial.place_call
    try:
        await act(front, PlaceCall(key=asked.key or str(uuid4()), number=asked.number, entry=asked.entry))
    except Busy:
        raise
    except Refusal as refusal:
        return await refused(request, front, asked, refusal)
    return Response(status_code=204, headers=news("pult:desk", "pult:leg", close_dialog=True))


async def refused(request: Request, front: Front, asked: Asked, refusal: Refusal) -> HTMLResponse:
    """Say why in words, with the true status; the button of another page may offer the way."""
    sentence = fields(request, refusal).get("number") or words(request, refusal)
    context = {"asked": asked, "sentence": sentence, "key": str(uuid4())}
    if asked.place == WINDOW:
        return fragment(request, "line/_dial_refusal.html", context, refusal.status)
    is_free = isinstance(refusal, NotOutgoing)
    status = (await desk.get_desk(front)).status
    context |= {"may_switch": is_free and status is not DeskStatus.OUTGOING}
    return fragment(request, "line/_dial_dialog.html", context, refusal.status)


def outcomes() -> dict[str, str]:
    """Return how a dialling ended, in the language of the page."""
    return {outcome.value: gettext(sentence) for outcome, sentence in OUTCOME_WORDS.items()}
