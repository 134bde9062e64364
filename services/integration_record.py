"""Records of other systems at the front door: taken in, one or a thousand at a time, and shown in the card."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from schemas.errors import TooLarge
from schemas.integration_record import (
    MOST_ROWS,
    SCOPES,
    BatchReport,
    OutsideRecord,
    RecordKind,
    RecordReport,
    RecordView,
    RowError,
    RowIsWrong,
    RowReport,
    Upserted,
    read_row,
)
from schemas.sentences import Sentence
from services import subscriber
from services.front import Front
from services.integration import ProgramFront
from store import audit
from store import integration_record as store

PAGE = 20
MOST_OPEN = 5
TOO_MANY = "В пакете больше строк, чем {most}: разделите его."
TWICE = "Эта запись встречается в пакете несколько раз (строки {rows}): не принята ни одна из них."
COMMON = {
    *("id", "source", "external_id", "who", "number", "status", "is_finished"),
    *("details", "updated_at", "received_at", "removed_at", "own_at"),
}
Rows = Sequence[object]


async def upsert(front: ProgramFront, kind: RecordKind, key: tuple[str, str], record: OutsideRecord) -> RecordReport:
    """Write one record under its key (source, external id); the same again, or older news, changes nothing."""
    front.require(SCOPES[kind])
    source, external_id = key
    front.require_source(source)
    became = await store.upsert(front.session, kind, [_row(key, record)])
    _note(front, kind, source, became)
    return RecordReport(external_id=external_id, result=became[external_id])


async def upsert_batch(front: ProgramFront, kind: RecordKind, source: str, rows: Rows) -> BatchReport:
    """Write what is right in a batch, in one statement, and say of every row what became of it."""
    front.require(SCOPES[kind])
    front.require_source(source)
    if len(rows) > MOST_ROWS:
        raise TooLarge(TOO_MANY, most=str(MOST_ROWS))
    read, wrong = _read(kind, rows)
    good = [_row((source, external_id), record) for external_id, record in read.values()]
    became = await store.upsert(front.session, kind, good) if good else {}
    _note(front, kind, source, became)
    reports = tuple(
        wrong[index] if index in wrong else _report(index, read[index][0], became) for index in range(len(rows))
    )
    counts = Counter(report.result.value for report in reports)
    return BatchReport(rows=reports, **{result.value: counts[result.value] for result in Upserted})


async def remove(front: ProgramFront, kind: RecordKind, key: tuple[str, str], at: datetime | None) -> None:
    """Show a record in no card any more; what is gone already, or has newer news than `at`, stays as it is."""
    front.require(SCOPES[kind])
    source, external_id = key
    front.require_source(source)
    record_id = await store.remove(front.session, kind, key, at)
    if record_id is not None:
        told = {"token": str(front.program.token_id), "source": source, "external_id": external_id}
        audit.record(front.session, None, (kind.value, "remove"), record_id, **told)


async def list_records(
    front: Front, kind: RecordKind, subscriber_id: UUID, after: tuple[datetime, UUID] | None = None
) -> tuple[list[RecordView], bool]:
    """Return a page of a card's records and whether more follow: whoever may open the card may read them."""
    await subscriber.get_subscriber(front, subscriber_id)
    rows = await store.list_of(front.session, kind, subscriber_id, (after, PAGE + 1))
    return [_view(kind, row) for row in rows[:PAGE]], len(rows) > PAGE


async def list_open(front: Front, subscriber_id: UUID) -> list[RecordView]:
    """Return what is unfinished of a card that the actor may open: the newest few of each kind."""
    await subscriber.get_subscriber(front, subscriber_id)
    found: list[RecordView] = []
    for kind in RecordKind:
        rows = await store.list_of(front.session, kind, subscriber_id, (None, MOST_OPEN), open_only=True)
        found += [_view(kind, row) for row in rows]
    return found


def _read(kind: RecordKind, rows: Rows) -> tuple[dict[int, tuple[str, OutsideRecord]], dict[int, RowReport]]:
    """Return the rows that can be written and the reports of those that cannot."""
    read: dict[int, tuple[str, OutsideRecord]] = {}
    wrong: dict[int, RowReport] = {}
    for index, row in enumerate(rows):
        try:
            read[index] = read_row(kind, row)
        except RowIsWrong as error:
            wrong[index] = _refused(index, _external_id(row), error.errors)
    places: dict[str, list[int]] = defaultdict(list)
    for index, (external_id, _) in read.items():
        places[external_id].append(index)
    for external_id, indexes in places.items():
        if len(indexes) > 1:  # nobody can know which of them is the true one
            said = Sentence(TWICE, {"rows": ", ".join(map(str, indexes))})
            for index in indexes:
                del read[index]
                wrong[index] = _refused(index, external_id, (RowError(field="external_id", message=said),))
    return read, wrong


def _refused(index: int, external_id: str | None, errors: tuple[RowError, ...]) -> RowReport:
    return RowReport(index=index, external_id=external_id, result=Upserted.REFUSED, errors=errors)


def _external_id(row: object) -> str | None:
    told = row.get("external_id") if isinstance(row, Mapping) else None
    return told if isinstance(told, str) else None


def _report(index: int, external_id: str, became: Mapping[str, Upserted]) -> RowReport:
    return RowReport(index=index, external_id=external_id, result=became[external_id])


def _row(key: tuple[str, str], record: OutsideRecord) -> dict[str, Any]:
    told = record.model_dump(mode="json", exclude={"snils", "inn", "phone", "external_id"})
    return told | {"who": record.who, "source": key[0], "external_id": key[1]}


def _view(kind: RecordKind, row: RowMapping) -> RecordView:
    shown = ("id", "source", "number", "status", "is_finished", "updated_at", "details")
    rest = {name: value for name, value in row.items() if name not in COMMON}
    return RecordView(kind=kind, at=row["own_at"], fields=rest, **{name: row[name] for name in shown})


def _note(front: ProgramFront, kind: RecordKind, source: str, became: Mapping[str, Upserted]) -> None:
    """One act is one request; what changed nothing is no act."""
    counts = Counter(result.value for result in became.values() if result is not Upserted.UNCHANGED)
    if counts:
        told = {"token": str(front.program.token_id), "source": source, **counts}
        audit.record(front.session, None, (kind.value, "upsert"), None, **told)
