"""Records of other systems: written in one statement a batch, found by whoever's card has their key."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, RowMapping, String, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from schemas.integration_record import RecordKind, Upserted
from store.base import created_column, key_column, time_column


class OutsideRow(SQLModel):
    """What all of them have; `who` is the key of the citizen (`phone:+79…`). What was removed stays, and is shown to
    nobody: late news of it must not bring it back."""

    id: UUID = key_column()
    source: str
    external_id: str
    who: str
    number: str
    status: str
    is_finished: bool = False
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    updated_at: datetime = time_column(nullable=False)
    received_at: datetime = created_column()
    removed_at: datetime | None = time_column(nullable=True)


def _indexes(name: str, at: str) -> tuple[Index, Index]:
    return (
        Index(f"uq_{name}_source", "source", "external_id", unique=True),
        Index(f"ix_{name}_who", "who", text(f"{at} DESC"), text("id DESC")),
    )


class ApplicationRow(OutsideRow, table=True):
    """An application («заявление»)."""

    __tablename__ = "application"
    __table_args__ = _indexes("application", "submitted_at")
    service: str
    submitted_at: datetime = time_column(nullable=False)
    due_at: datetime | None = time_column(nullable=True)
    office: str = ""


class EnquiryRow(OutsideRow, table=True):
    """An enquiry («обращение»)."""

    __tablename__ = "enquiry"
    __table_args__ = _indexes("enquiry", "at")
    topic: str = ""
    text: str = Field(default="", sa_column=Column("text", String, nullable=False))
    answer: str = ""
    at: datetime = time_column(nullable=False)


class TicketRow(OutsideRow, table=True):
    """A ticket («талон»)."""

    __tablename__ = "ticket"
    __table_args__ = _indexes("ticket", "at")
    office: str
    service: str = ""
    window: str = ""
    at: datetime = time_column(nullable=False)


TABLES: Mapping[RecordKind, type[OutsideRow]] = {
    RecordKind.APPLICATION: ApplicationRow,
    RecordKind.ENQUIRY: EnquiryRow,
    RecordKind.TICKET: TicketRow,
}
AT = {RecordKind.APPLICATION: "submitted_at", RecordKind.ENQUIRY: "at", RecordKind.TICKET: "at"}
"""A record's own time: the newest stand first."""
_OURS = ("id", "received_at", "removed_at")
_IDENTITY = ("source", "external_id")

# The keys that lead to this card alone, by itself or by a card that was merged into it: two people may share a phone,
# and then nobody knows whose record it is.
_KEYS = """
    WITH mine AS (SELECT * FROM subscriber WHERE id = :subscriber_id OR merged_into = :subscriber_id)
    SELECT 'snils:' || m.snils FROM mine m WHERE m.snils IS NOT NULL AND NOT EXISTS (
        SELECT FROM subscriber o WHERE o.snils = m.snils AND coalesce(o.merged_into, o.id) <> :subscriber_id)
    UNION SELECT 'inn:' || m.inn FROM mine m WHERE m.inn IS NOT NULL AND NOT EXISTS (
        SELECT FROM subscriber o WHERE o.inn = m.inn AND coalesce(o.merged_into, o.id) <> :subscriber_id)
    UNION SELECT 'phone:' || p FROM mine m, unnest(ARRAY[m.contact_phone, m.mobile_phone]) p
    WHERE p IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM subscriber o WHERE o.contact_phone = p AND coalesce(o.merged_into, o.id) <> :subscriber_id)
      AND NOT EXISTS (
        SELECT FROM subscriber o WHERE o.mobile_phone = p AND coalesce(o.merged_into, o.id) <> :subscriber_id)"""


async def upsert(session: AsyncSession, kind: RecordKind, rows: Sequence[dict[str, Any]]) -> dict[str, Upserted]:
    """Write the rows in one statement; return by external id what became of each. An older one changes nothing."""
    # One order for all: two batches at once wait for each other instead of locking each other out.
    ordered = sorted(rows, key=lambda row: (row["source"], row["external_id"]))
    written = await session.execute(_upsert(kind), {"rows": json.dumps(ordered, ensure_ascii=False)})
    became = {row["external_id"]: Upserted.UNCHANGED for row in ordered}
    return became | {row.external_id: Upserted.CREATED if row.is_new else Upserted.UPDATED for row in written}


@cache
def _upsert(kind: RecordKind) -> TextClause:
    table = TABLES[kind].__table__  # type: ignore[attr-defined]
    columns = [column for column in table.columns if column.name not in _OURS]
    names = ", ".join(f'"{one.name}"' for one in columns)
    shape = ", ".join(f'"{one.name}" {one.type.compile(dialect=postgresql.dialect())}' for one in columns)  # type: ignore[no-untyped-call]
    rest = [f'"{one.name}"' for one in columns if one.name not in _IDENTITY]
    return text(
        f"""INSERT INTO {table.name} AS there ({names})
            SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent ({shape})
            ON CONFLICT (source, external_id) DO UPDATE
            SET removed_at = NULL, {", ".join(f"{name} = excluded.{name}" for name in rest)}
            WHERE there.updated_at < excluded.updated_at
               OR (there.updated_at = excluded.updated_at AND there.removed_at IS NULL
                   AND ({", ".join(f"there.{name}" for name in rest)})
                       IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in rest)}))
            RETURNING external_id, old.id IS NULL OR old.removed_at IS NOT NULL AS is_new"""
    )


async def remove(session: AsyncSession, kind: RecordKind, key: tuple[str, str], at: datetime | None) -> UUID | None:
    """Show a record to nobody any more; return its id, or None when it was removed before, is unknown or has news newer
    than `at`. A later removal keeps out whatever is older than itself."""
    gone = text(
        f"""UPDATE {kind.value} SET removed_at = coalesce(removed_at, clock_timestamp()),
                   updated_at = greatest(updated_at, coalesce(:at, clock_timestamp()))
            WHERE source = :source AND external_id = :external_id
              AND updated_at <= coalesce(:at, 'infinity') RETURNING CASE WHEN old.removed_at IS NULL THEN id END"""
    ).bindparams(bindparam("at", type_=DateTime(timezone=True)))
    found: UUID | None = await session.scalar(gone, {"source": key[0], "external_id": key[1], "at": at})
    return found


async def list_of(
    session: AsyncSession,
    kind: RecordKind,
    subscriber_id: UUID,
    page: tuple[tuple[datetime, UUID] | None, int],
    open_only: bool = False,
) -> Sequence[RowMapping]:
    """Return a page of a card's records, the newest first; `page` is (the last one seen, how many)."""
    at = AT[kind]
    after, limit = page
    seen = f"AND ({at}, r.id) < (:after_at, :after_id)" if after else ""
    unfinished = "AND NOT is_finished" if open_only else ""
    found = text(
        f"""SELECT r.*, {at} AS own_at FROM {kind.value} r
            WHERE who IN ({_KEYS}) AND removed_at IS NULL {seen} {unfinished}
            ORDER BY {at} DESC, r.id DESC LIMIT :limit"""
    ).bindparams(bindparam("subscriber_id", type_=Uuid))
    values: dict[str, Any] = {"subscriber_id": subscriber_id, "limit": limit}
    if after:
        values |= {"after_at": after[0], "after_id": after[1]}
    return (await session.execute(found, values)).mappings().all()
