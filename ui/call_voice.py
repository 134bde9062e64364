"""The voice of a call in the softphone's panel: hold, and the dialog «Перевод вызова»."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Header, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ValidationError

from schemas.call_order import CompleteTransfer, HoldCall, ResumeCall, TakeBack
from schemas.call_transfer import TransferTo
from schemas.desk import STATUS_WORDS
from schemas.errors import Busy, Refusal
from services import call_transfer, call_voice
from services.front import Front
from ui.errors import fields, words
from ui.language import gettext
from ui.render import fragment, news
from ui.session import UiFront, right
from ui.subscriber import refusal_of

router = APIRouter(include_in_schema=False)
MAY_HOLD, MAY_TRANSFER = [right("call.hold")], [right("call.transfer")]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=100)]
DESK, QUEUE, NUMBER = "desk", "queue", "number"
NO_DESK = "Выберите сотрудника."
NO_QUEUE = "Выберите очередь."
NO_NUMBER = "Введите номер."


class Asked(BaseModel):
    """The dialog as it was sent: which of its three lists is open, and what is chosen in each."""

    key: str = ""
    kind: str = DESK
    q: str = ""
    desk: str = ""
    queue: str = ""
    number: str = ""
    consult: bool = False


@router.put("/calls/{call_id}/hold", dependencies=MAY_HOLD)
async def hold_call(front: UiFront, call_id: UUID, key: Key = "") -> Response:
    await call_voice.hold_call(front, call_id, HoldCall(key=key or str(uuid4()), actor_id=front.actor.employee_id))
    return done()


@router.delete("/calls/{call_id}/hold", dependencies=MAY_HOLD)
async def resume_call(front: UiFront, call_id: UUID, key: Key = "") -> Response:
    await call_voice.resume_call(front, call_id, ResumeCall(key=key or str(uuid4()), actor_id=front.actor.employee_id))
    return done()


@router.get("/calls/{call_id}/transfer", dependencies=MAY_TRANSFER)
async def show_transfer(request: Request, front: UiFront, call_id: UUID) -> HTMLResponse:
    return await transfer_dialog(request, front, call_id, Asked(key=str(uuid4())))


@router.get("/calls/{call_id}/transfer/targets", dependencies=MAY_TRANSFER)
async def show_targets(
    request: Request, front: UiFront, call_id: UUID, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Who is free now; what is chosen stays chosen."""
    return fragment(request, "line/_targets.html", await targets_of(front, call_id, asked))


@router.post("/calls/{call_id}/transfer", dependencies=MAY_TRANSFER)
async def transfer_call(request: Request, front: UiFront, call_id: UUID, asked: Annotated[Asked, Form()]) -> Response:
    try:
        await call_transfer.transfer_call(front, call_id, order_of(asked))
    except Busy:
        raise  # the page repeats the same key until there is an answer
    except (Refusal, ValidationError) as error:
        return await transfer_dialog(request, front, call_id, asked, refusal_of(error))
    return done(close_dialog=True)


@router.delete("/calls/{call_id}/transfer", dependencies=MAY_TRANSFER)
async def take_back(front: UiFront, call_id: UUID, key: Key = "") -> Response:
    await call_transfer.take_back(front, call_id, TakeBack(key=key or str(uuid4()), actor_id=front.actor.employee_id))
    return done()


@router.post("/calls/{call_id}/transfer/completion", dependencies=MAY_TRANSFER)
async def complete_transfer(front: UiFront, call_id: UUID, key: Key = "") -> Response:
    command = CompleteTransfer(key=key or str(uuid4()), actor_id=front.actor.employee_id)
    await call_transfer.complete_transfer(front, call_id, command)
    return done()


def done(close_dialog: bool = False) -> Response:
    """Return nothing but the news: the panel draws itself again."""
    return Response(status_code=204, headers=news("pult:leg", "pult:desk", close_dialog=close_dialog))


def order_of(asked: Asked) -> TransferTo:
    """Return the order that the dialog gives: the open list counts, whatever is chosen in the others."""
    target: dict[str, Any] = {
        QUEUE: {"queue_id": asked.queue or None},
        NUMBER: {"number": asked.number.strip() or None},
    }.get(asked.kind, {"desk_id": asked.desk or None})
    return TransferTo(key=asked.key, consult=asked.consult and asked.kind != QUEUE, **target)


async def transfer_dialog(
    request: Request, front: Front, call_id: UUID, asked: Asked, refusal: Refusal | None = None
) -> HTMLResponse:
    """Return the dialog with what was chosen; a refusal stands in it, with its true status."""
    sentence = sentence_of(request, asked, refusal) if refusal else ""
    is_at_field = refusal is not None and refusal.status == 422 and asked.kind == NUMBER
    context = await targets_of(front, call_id, asked) | {
        "key": asked.key or str(uuid4()),
        "errors": {NUMBER: sentence} if is_at_field else {},
        "refusal": "" if is_at_field else sentence,
    }
    return fragment(request, "line/_transfer.html", context, refusal.status if refusal else 200)


def sentence_of(request: Request, asked: Asked, refusal: Refusal) -> str:
    """Return what is wrong, in one sentence: a list without a choice says which."""
    if refusal.status != 422:
        return words(request, refusal)
    chosen = {DESK: (asked.desk, NO_DESK), QUEUE: (asked.queue, NO_QUEUE), NUMBER: (asked.number, NO_NUMBER)}
    value, sentence = chosen.get(asked.kind, chosen[DESK])
    if not value.strip():
        return gettext(sentence)
    return next(iter(fields(request, refusal).values()), "") or words(request, refusal)


async def targets_of(front: Front, call_id: UUID, asked: Asked) -> dict[str, Any]:
    """Return everybody a call may go to, and what is chosen so far."""
    targets = await call_transfer.list_targets(front, asked.q[:200])
    states = {status.value: gettext(word) for status, word in STATUS_WORDS.items()}
    return {"call_id": call_id, "asked": asked, "targets": targets, "states": states}
