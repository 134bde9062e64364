"""Voicemail: what citizens left whom nobody answered, for those who may listen."""

from collections.abc import Collection
from uuid import UUID

from schemas.errors import NotFound
from schemas.page import Rows
from schemas.recording import SoundFile
from schemas.voicemail import VoicemailFilter, VoicemailPage, VoicemailView, WishView
from services.access import may, require
from services.front import Front
from store import audit, voicemail, voicemail_list

RIGHT = "call.listen_voicemail"
NOT_FOUND = "Сообщения нет: его не было или срок его хранения истёк."


async def list_messages(front: Front, wanted: VoicemailFilter, page: VoicemailPage) -> Rows[VoicemailView]:
    """List the messages, newest first."""
    require(front.actor, RIGHT)
    return await voicemail_list.list_messages(front.session, wanted, page)


async def list_wishes(front: Front, wanted: VoicemailFilter, page: VoicemailPage) -> Rows[WishView]:
    """List the places kept for citizens who want to be called back, newest first."""
    require(front.actor, RIGHT)
    return await voicemail_list.list_wishes(front.session, wanted, page)


async def get_message(front: Front, call_id: UUID) -> VoicemailView:
    """Return the message of a call."""
    require(front.actor, RIGHT)
    row = await voicemail.find_of_call(front.session, call_id)
    found = await voicemail_list.find_message(front.session, row.id) if row else None
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


async def list_left(front: Front, call_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these calls left a message that the actor can listen to."""
    if not call_ids or not may(front.actor, RIGHT):
        return set()
    return await voicemail_list.list_left(front.session, list(call_ids))


async def count_new(front: Front) -> int:
    """Return how many messages nobody has heard; none for those who may not listen."""
    return await voicemail.count_new(front.session) if may(front.actor, RIGHT) else 0


async def listen(front: Front, voicemail_id: UUID, play: UUID) -> SoundFile:
    """Return where a message lies; the first request of a play (its player's key) is a listening, for the audit."""
    require(front.actor, RIGHT)
    row = await voicemail.find(front.session, voicemail_id)
    if row is None or row.object is None or row.size is None:
        raise NotFound(NOT_FOUND)
    file = SoundFile(object=row.object, size=row.size)
    if await voicemail.hear(front.session, row, front.actor.employee_id, play):
        act = ("voicemail", "listen")
        audit.record(front.session, front.actor.employee_id, act, row.id, call=str(row.call_id), play=str(play))
    return file
