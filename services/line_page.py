"""Web line: a page left open under a number, which the centre can call."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from schemas.base import id_from
from schemas.errors import Conflict, Invalid, NotFound, Throttled
from schemas.line import LineCall
from schemas.line_page import LinePageView, OpenLinePage
from schemas.phone import normalise
from services import line_secret, line_throttle
from services.line import LEAST_KEY, OTHER_CALL, SHORT_KEY, LineFront
from services.line_secret import LEG, PAGE
from store import line_page as store
from store.line import LineLeg
from store.line_page import LinePage

PER_ADDRESS = 60  # pages a minute
PER_NUMBER = 30
NUMBER_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True)
class PageRules:
    """Whether the centre believes a number because somebody typed it: in a demo only."""

    trusts_typed_numbers: bool = False


async def open_page(front: LineFront, asked: OpenLinePage, key: str, rules: PageRules) -> LinePageView:
    """Leave a page open under a number; the same key is the same page, with the same secret."""
    if len(key) < LEAST_KEY:
        raise Invalid(SHORT_KEY)
    number, page_id = normalise(asked.number), id_from("line-page", key)
    there = await store.find(front.session, page_id)
    if there is not None and there.number != number:
        raise Conflict(OTHER_CALL)
    if there is None:
        await _throttle(front, number)
    secret = line_secret.derive(front.pepper, PAGE, page_id)
    page = LinePage(id=page_id, number=number, token_hash=line_secret.hash_of(secret))
    page.confirmed = rules.trusts_typed_numbers
    page = await store.add(front.session, page)
    await store.touch(front.session, page.id)
    return (await _view(front, page)).model_copy(update={"token": secret})


async def get_page(front: LineFront, page_id: UUID) -> LinePageView:
    """Show a page what calls it; asking is its sign of life."""
    page = await _own_page(front, page_id)
    await store.touch(front.session, page.id)
    return await _view(front, page)


async def close_page(front: LineFront, page_id: UUID) -> None:
    """Forget a page that was closed; a repeat is harmless."""
    if await store.find(front.session, page_id) is not None:
        await _own_page(front, page_id)
        await store.remove(front.session, page_id)


async def _own_page(front: LineFront, page_id: UUID) -> LinePage:
    page = await store.find(front.session, page_id)
    if page is None or not line_secret.is_right(front.secret, page.token_hash):
        raise NotFound
    return page


async def _view(front: LineFront, page: LinePage) -> LinePageView:
    leg = await store.find_leg(front.session, page)
    call = await _call(front, leg) if leg is not None else None
    return LinePageView(page_id=page.id, number=page.number, confirmed=page.confirmed, call=call)


async def _call(front: LineFront, leg: LineLeg) -> LineCall:
    # Nobody has asked for this leg before: from now on it is the page's, and opens to its secret.
    secret = line_secret.derive(front.pepper, LEG, leg.id)
    if leg.token_hash is None:
        leg.token_hash = line_secret.hash_of(secret)
        await front.session.flush()
    return LineCall(call_id=leg.call_id, leg_id=leg.id, token=secret, ice_servers=list(front.ice_servers))


async def _throttle(front: LineFront, number: str) -> None:
    if await store.count_recent(front.session, number, NUMBER_WINDOW) >= PER_NUMBER:
        raise Throttled(60)
    await line_throttle.count(front.valkey, front.pepper, "line-page", front.address, PER_ADDRESS)
