"""Web line: a citizen whom nobody answered leaves a message, or keeps his place to be called back."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.base import id_from
from schemas.call import CallStage
from schemas.call_news import CitizenChose
from schemas.errors import Conflict, Invalid, TooLarge
from schemas.line import LegState
from schemas.voicemail import KeptVoicemail, KeptWish
from services.line import LineFront, own_leg
from store import call_stage, callback, line_talk, outbox, voicemail
from store.base import clock
from store.call import Call
from store.callback import CallbackWish
from store.line import LineLeg, lock_call
from store.objects import Objects
from store.voicemail import Voicemail

LARGEST = 960 * 1024
"""Three minutes of a page's recorder are half of it."""
EBML = b"\x1a\x45\xdf\xa3"
NO_SOUND = "Это не звук: сообщение принимается в формате WebM."
NOT_ASKED = "Сообщение сейчас оставить нельзя: звонок завершён, или на него ответил оператор."


async def keep_voicemail(front: LineFront, objects: Objects, leg_id: UUID, content: bytes, key: str) -> KeptVoicemail:
    """Keep the citizen's message and end his call; the same key again is the same message."""
    leg = await own_leg(front, leg_id)
    if len(content) > LARGEST:
        raise TooLarge
    if not content.startswith(EBML):
        raise Invalid(NO_SOUND)
    kept = KeptVoicemail(id=id_from("voicemail", leg.id, key), call_id=leg.call_id)
    if await voicemail.find(front.session, kept.id) is not None:
        return kept
    _require_asked(leg)
    name = f"voicemail/{kept.id}/sent.webm"
    await objects.put(name, content)  # before the lock: a slow storage must not hold up a hang-up
    try:
        call = await _lock(front.session, leg)
    except Conflict:
        await objects.delete([name])
        raise
    row = Voicemail(id=kept.id, call_id=call.id, queue_id=call.queue_id, number=call.number)
    row.subscriber_id, row.object, row.size = call.subscriber_id, name, len(content)
    await voicemail.add(front.session, row)
    await _end(front.session, call, CallStage.VOICEMAIL)
    return kept


async def keep_place(front: LineFront, leg_id: UUID) -> KeptWish:
    """Keep the citizen's place in the queue and end his call; a repeat is harmless."""
    leg = await own_leg(front, leg_id)
    there = await callback.find_wish(front.session, leg.call_id)
    if there is None:
        _require_asked(leg)
        call = await _lock(front.session, leg)
        there = CallbackWish(id=id_from("callback-wish", call.id), call_id=call.id, number=call.number)
        there.queue_id, there.subscriber_id, there.queued_at = call.queue_id, call.subscriber_id, call.queued_at
        await callback.add_wish(front.session, there)
        await _end(front.session, call, CallStage.CALLBACK)
    return KeptWish(id=there.id, call_id=there.call_id, number=there.number, queued_at=there.queued_at)


def _require_asked(leg: LineLeg) -> None:
    if leg.state is not LegState.CHOOSING:
        raise Conflict(NOT_ASKED)


async def _lock(session: AsyncSession, leg: LineLeg) -> Call:
    """Return the call of a leg that is still asked: whoever chooses or hangs up meanwhile waits."""
    call = await call_stage.lock(session, leg.call_id)  # the call before its legs, as everywhere
    await lock_call(session, leg.call_id)
    _require_asked(leg)
    return call


async def _end(session: AsyncSession, call: Call, stage: CallStage) -> None:
    """The page hears at once that this was the end; the process writes it into the call."""
    await line_talk.end_call(session, call.id, stage.value)
    outbox.signal_call(session, call.id, "citizen_chose", CitizenChose(stage=stage, at=await clock(session)))
