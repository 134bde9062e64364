"""Drafts: what a person typed in a form and has not sent, kept from one key to the next."""

from typing import Any
from uuid import UUID

from services.access import require
from services.front import Front
from store import draft

COMPLETION = "completion"
"""The form of «Завершение обслуживания», also typed in the card during the talk (R152)."""


async def save_completion(front: Front, call_id: UUID, fields: dict[str, Any]) -> None:
    """Keep what was typed about a call."""
    require(front.actor, "call.finish")
    await draft.save(front.session, front.actor.employee_id, COMPLETION, call_id, fields)


async def find_completion(front: Front, call_id: UUID) -> dict[str, Any]:
    """Return what was typed about a call and not yet sent; of a call handed over, what the colleague typed (R197)."""
    require(front.actor, "call.finish")
    found = await draft.find(front.session, front.actor.employee_id, COMPLETION, call_id)
    if found is not None:
        return found.fields
    return await draft.find_before(front.session, front.actor.employee_id, COMPLETION, call_id)


async def drop_completion(front: Front, call_id: UUID) -> None:
    """Forget what was sent; who has the call now goes on with it."""
    await draft.pass_on(front.session, front.actor.employee_id, COMPLETION, call_id)
    await draft.drop(front.session, front.actor.employee_id, COMPLETION, call_id)
