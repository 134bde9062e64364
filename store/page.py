"""Page: what a statement says to read a list by place; one row more than the page has tells whether there is more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.page import Page

Condition = tuple[str, Mapping[str, Any]]


class Order(NamedTuple):
    """The columns that a list is ordered by, newest first."""

    at: str
    id: str


def way_of(page: Page) -> str:
    """Return the direction in which the rows of a page are read."""
    return "" if page.is_backwards else " DESC"


def beyond(page: Page, order: Order) -> Condition:
    """Return what more a condition says to leave out the rows up to the page's place; of the first page nothing."""
    if (place := page.place) is None:
        return "", {}
    sign = ">" if page.is_backwards else "<"
    return f" AND ({order.at}, {order.id}) {sign} (:place_at, :place_id)", {"place_at": place.at, "place_id": place.id}


def ordered(page: Page, order: Order) -> str:
    """Return the end of the statement.

    A limit that stands in the text: with an unknown one PostgreSQL would plan each question anew.
    """
    way = way_of(page)
    return f"ORDER BY {order.at}{way}, {order.id}{way} LIMIT {page.size + 1}"


async def read(
    session: AsyncSession, select: str, conditions: Iterable[Condition], page: Page, order: Order
) -> Sequence[RowMapping]:
    """Return the rows that `Rows.cut` makes a page of."""
    told = [("true", {}), *conditions]
    where = " AND ".join(condition for condition, _ in told)
    values = {name: value for _, named in told for name, value in named.items()}
    further, place = beyond(page, order)
    statement = text(f"{select} WHERE {where}{further} {ordered(page, order)}")
    return (await session.execute(statement, values | dict(place))).mappings().all()
