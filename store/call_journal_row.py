"""A row of the journal, from the columns of its statement."""

from datetime import datetime, timedelta
from uuid import UUID

from schemas.call import CallStage, DialOutcome
from schemas.journal import Channel, JournalRow
from schemas.subscriber import masked_name


def row_of(  # noqa: PLR0913 (the columns of `_paged`, in their order: by name it would take twice the time)
    id: UUID,
    at: datetime,
    answered: datetime | None,
    talk_ended: datetime | None,
    ended: datetime | None,
    missed: bool,
    call_id: UUID,
    kind: str,
    stage: str,
    outcome: str | None,
    number: str,
    confirmed: bool,
    started_at: datetime,
    comment: str,
    postponed: bool,
    full_name: str | None,
    queue: str | None,
    reasons: list[str],
    employees: list[str],
) -> JournalRow:
    """Return a row of a list."""
    return JournalRow(
        id=id,
        call_id=call_id,
        at=at,
        started_at=started_at,
        number=number,
        confirmed=confirmed,
        channel=Channel.MISSED if missed else Channel(kind),
        stage=CallStage(stage),
        outcome=DialOutcome(outcome) if outcome else None,
        full_name=full_name if confirmed or not full_name else masked_name(full_name),
        **_lengths(started_at, answered, talk_ended, ended, outcome),
        reasons=() if missed else tuple(reasons),
        comment="" if missed else comment,
        postponed=postponed and not missed,
        employees=tuple(dict.fromkeys(employees)),
        queue=queue,
    )


def _lengths(
    started_at: datetime,
    answered: datetime | None,
    talk_ended: datetime | None,
    ended: datetime | None,
    outcome: str | None,
) -> dict[str, timedelta | None]:
    """Return what a row is long; an unanswered call out has no talk, its service begins where the dialling ends."""
    if outcome not in (None, DialOutcome.ANSWERED):
        return {"waiting": _between(started_at, talk_ended or ended), "post_processing": _between(talk_ended, ended)}
    return {
        "waiting": _between(started_at, answered or ended),
        "talk": _between(answered, talk_ended or ended),
        "post_processing": _between(talk_ended, ended) if answered else None,
    }


def _between(since: datetime | None, until: datetime | None) -> timedelta | None:
    return max(until - since, timedelta()) if since and until else None
