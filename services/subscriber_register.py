"""Subscribers: the register, searched outside of a call; a card made by hand; its export."""

from schemas.base import id_from
from schemas.errors import Conflict
from schemas.job import JobKind, JobView
from schemas.subscriber import TYPE_WORDS, SaveSubscriber, SubscriberView
from schemas.subscriber_change import Act
from schemas.subscriber_register import RegisterFilter, RegisterPage, RegisterRows
from services import job, subscriber
from services.access import is_own_only, require
from services.front import Front
from store import audit
from store import subscriber as cards
from store import subscriber_match as match
from store import subscriber_register as store

KNOWN = "Абонент с этим СНИЛС или ИНН уже есть: найдите его в списке."


async def list_subscribers(front: Front, wanted: RegisterFilter, page: RegisterPage) -> RegisterRows:
    """List cards in the order of names: an operator sees those whom he served, with half of their numbers."""
    require(front.actor, "subscriber.list")
    own = is_own_only(front.actor, "subscriber.list")
    served_by = front.actor.employee_id if own else None
    found = await store.list_rows(front.session, wanted, page, served_by)
    return found.model_copy(update={"rows": tuple(row.shown(sees_phones=not own) for row in found.rows)})


async def add_subscriber(front: Front, typed: SaveSubscriber) -> SubscriberView:
    """Make a card outside of a call; whoever has this СНИЛС or ИНН already is not made twice."""
    require(front.actor, "subscriber.add")
    card = subscriber.checked(typed)
    await match.lock(front.session)
    if await match.list_by_keys(front.session, card):
        raise Conflict(KNOWN)
    saved = await cards.add(front.session, card, by=(Act.ADDED, front.actor.employee_id))
    audit.record(front.session, front.actor.employee_id, ("subscriber", "add"), saved.id)
    return subscriber.view_of(saved)


async def export_register(front: Front, wanted: RegisterFilter, key: str, language: str = "ru") -> JobView:
    """Order the register, narrowed as the asker sees it, as an XLSX; the same key is the same order."""
    require(front.actor, "subscriber.export")
    params = {
        "filter": wanted.model_dump(mode="json"),
        "conditions": conditions(wanted),
        "language": language,
        "by": front.actor.full_name,
    }
    order = {"kind": JobKind.SUBSCRIBERS.value, "params": params, "file_name": "subscribers.xlsx"}
    return job.view(await job.place(front, id_from("job", front.actor.employee_id, key), order))


def conditions(wanted: RegisterFilter) -> list[list[str]]:
    """Return what narrowed the register as pairs of words; the first of each pair is a gettext msgid."""
    types = "; ".join(TYPE_WORDS[one] for one in wanted.types)
    searched = wanted.name or wanted.key or "; ".join(wanted.numbers[:1])
    return [[label, words] for label, words in (("Тип абонента", types), ("Поиск", searched)) if words]
