"""Web line: the telephone of a desk."""

from typing import Any

from schemas.errors import NotFound
from schemas.line import Softphone
from services.access import require
from services.front import Front
from store import line_phone


async def show_softphone(front: Front, ice_servers: tuple[dict[str, Any], ...] = ()) -> Softphone:
    """Show what the actor's own telephone is busy with."""
    require(front.actor, "line.use")
    if front.actor.desk_id is None:
        raise NotFound("У вас нет пульта в этой роли.")
    shown = await line_phone.find_softphone(front.session, front.actor.desk_id)
    return shown.model_copy(update={"ice_servers": ice_servers})
