"""Subscriber: the register of cards in the order of names; who else has this СНИЛС or ИНН."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.subscriber_register import RegisterFilter, RegisterPage, RegisterRow, RegisterRows
from store.subscriber import NAME_ORDER, escaped, name_condition

Condition = tuple[str, dict[str, Any]]
_COLUMNS = """id, type, full_name, birth_date, snils, inn, mobile_phone, contact_phone, region,
    (SELECT max(started_at) FROM call WHERE call.subscriber_id = subscriber.id) AS last_call_at"""
_SERVED = """id IN (SELECT call.subscriber_id FROM serving JOIN call ON call.id = serving.call_id
    WHERE serving.employee_id = :employee AND serving.answered_at IS NOT NULL AND call.confirmed)"""
_PLACE = text(f"SELECT {NAME_ORDER} FROM subscriber WHERE id = :id")
# A plan made for any name is a bad one for most: two of them find half the table, two find nothing.
_PLAN_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")


async def list_rows(
    session: AsyncSession, wanted: RegisterFilter, page: RegisterPage, served_by: UUID | None = None
) -> RegisterRows:
    """Return one page of cards; with `served_by` only of those whose confirmed calls this employee answered."""
    conditions = [*_conditions(wanted, served_by)]
    is_backwards = page.before is not None and page.after is None
    way, sign = (" DESC", "<") if is_backwards else ("", ">")
    if place := page.after or page.before:
        name = (await session.execute(_PLACE, {"id": place})).scalar_one_or_none()
        conditions.append((f"({NAME_ORDER}, id) {sign} (:place, :place_id)", {"place": name, "place_id": place}))
    where = " AND ".join(condition for condition, _ in conditions)
    values = {key: value for _, named in conditions for key, value in named.items()}
    order = f"{NAME_ORDER}{way}, id{way}"
    await session.execute(_PLAN_ANEW)
    statement = text(f"SELECT {_COLUMNS} FROM subscriber WHERE {where} ORDER BY {order} LIMIT :size")
    found = list((await session.execute(statement, values | {"size": page.size + 1})).mappings())
    has_more, found = len(found) > page.size, found[: page.size]
    if is_backwards:
        found.reverse()
    return RegisterRows(
        rows=tuple(RegisterRow(**row) for row in found),
        has_next=is_backwards or has_more,
        has_previous=has_more if is_backwards else page.after is not None,
    )


async def count_rows(session: AsyncSession, wanted: RegisterFilter) -> int:
    """Return how many cards the register has."""
    conditions = [*_conditions(wanted, None)]
    values = {key: value for _, named in conditions for key, value in named.items()}
    where = " AND ".join(condition for condition, _ in conditions)
    counted: int = (await session.execute(text(f"SELECT count(*) FROM subscriber WHERE {where}"), values)).scalar_one()
    return counted


def _conditions(wanted: RegisterFilter, served_by: UUID | None) -> Iterator[Condition]:
    yield "merged_into IS NULL", {}
    if served_by is not None:
        yield _SERVED, {"employee": served_by}
    if wanted.types[1:]:
        yield "type = ANY(:types)", {"types": [one.value for one in wanted.types]}
    elif wanted.types:  # one value keeps the order of the index that begins with the column
        yield "type = :type", {"type": wanted.types[0].value}
    if wanted.name:
        yield name_condition(wanted.name)
    if wanted.numbers:
        names = [f"number{place}" for place in range(len(wanted.numbers))]
        either = [f"mobile_phone LIKE :{one} OR contact_phone LIKE :{one}" for one in names]
        either += ["snils = :key OR inn = :key"] if wanted.key else []
        values = {one: f"{escaped(number)}%" for one, number in zip(names, wanted.numbers, strict=True)}
        yield f"({' OR '.join(either)})", values | ({"key": wanted.key} if wanted.key else {})
