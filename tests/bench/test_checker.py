"""The checker of the fault suite: quiet about a day that went well, and red for each single harm."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.chaos.checker import check
from bench.chaos.journal import Journal, Row
from bench.chaos.log import Entry, Log

DESK, KEY, TOKEN = "desk-1", "key-of-the-form", "token-1"
EVENTS = (("arrived", "arrived", 0), (f"offered:{TOKEN}", "offered", 1), (f"answered:{TOKEN}", "answered", 3))
ENDS = (("talk_ended", "talk_ended", 50), (f"finish:{KEY}", "finished", 60))
FINISH = {"key": KEY, "comment": "Справка", "said": {"at": "12:00"}}
SERVING: dict[str, Any] = {"call_id": "a", "desk_id": DESK, "employee_id": "olga", "role": "main"}
SERVING |= {"offered_at": 1, "answered_at": 3, "finished_at": 60}
GONE = {"talking": True, "second": False}
Harm = Callable[[Log, Journal], Any]


def row(**values: Any) -> Row:
    return Row(values)


def event(key: str, kind: str, at: float) -> Row:
    return row(call_id="a", key=key, kind=kind, at=at, actor_id="olga")


@pytest.fixture
def day(tmp_path: Path) -> Iterator[tuple[Log, Journal]]:
    """Анна phoned, Ольга answered, Анна hung up, Ольга finished."""
    log = Log(tmp_path / "log")
    log.entries += [
        Entry(0, "anna", "has_call", "a"),
        Entry(3, "olga", "answers", "a", status=200),
        Entry(49, "anna", "wants_to_hang_up", "a"),
        Entry(51, "anna", "leg", "a", more={"state": "ended"}),
        Entry(60, "olga", "finishes", "a", status=200, more=FINISH),
    ]
    call = row(id="a", stage="finished", comment="Справка", queued_at=0, queue_id="q", ended_at=60, filled=True)
    yield (
        log,
        Journal(
            calls={"a": call},
            servings=[row(**SERVING)],
            events={"a": [event(*one) for one in (*EVENTS, *ENDS)]},
            intervals={DESK: [row(desk_id=DESK, status="incoming", since=0, until=None)]},
            offers={TOKEN: row(deadline=20)},
        ),
    )
    log.close()


def noted(does: str, status: int = 200, **more: Any) -> Harm:
    return lambda log, journal: log.entries.append(Entry(70, "olga", does, "a", 70, status, more))


def written(*events: tuple[str, str, float]) -> Harm:
    return lambda log, journal: journal.events["a"].extend(event(*one) for one in events)


def served(**values: Any) -> Harm:
    return lambda log, journal: journal.servings.append(row(**SERVING | {"call_id": "b", "finished_at": 99} | values))


def stood(*intervals: tuple[str, float, float | None]) -> Harm:
    rows = [row(desk_id=DESK, status=status, since=since, until=until) for status, since, until in intervals]
    return lambda log, journal: journal.intervals.update({DESK: rows})


HARMS: list[tuple[str, Harm]] = [
    ("I1", served(offered_at=40)),
    ("I2", lambda log, journal: journal.calls.clear()),
    ("I2", lambda log, journal: journal.events["a"].pop()),
    ("I2", lambda log, journal: log.entries.pop(2)),
    ("I2", written(("ended", "abandoned", 61))),
    ("I2", noted("finishes", key="a-second-key", comment="Ещё", said={})),
    ("I3", written(("offered:2", "offered", 61), ("offered:3", "offered", 62))),
    ("I3", noted("answers_late")),
    ("I4", stood(("break", 0, 2), ("incoming", 2, None))),
    ("I5", lambda log, journal: passed_by(journal)),
    ("I6", written((f"missed:{TOKEN}", "missed", 26))),
    ("I7", stood(("incoming", 0, 2), ("break", 2.5, None))),
    ("I7", stood(("incoming", 0, 2))),
    ("I12", noted("too_early")),
    ("I13", noted("finishes_again")),
    ("I13", noted("finishes", key=KEY, comment="Справка", said={"at": "12:01"})),
    ("I18", noted("desk", at_call="a")),
    ("I18", noted("stuck", what="desks are busy")),
    ("I19", lambda log, journal: [noted("renews", held=True, fencing=1, phone=f"{n}")(log, journal) for n in "ab"]),
    ("I20", lambda log, journal: log.entries.append(Entry(30, "olga", "vanishes", "a", more=GONE))),
    ("I2", lambda log, journal: journal.calls["a"].values.update(comment="Другое")),
    ("I22", noted("broken", status=500, asked="GET /desk")),
    ("net", noted("rescued", code="F1", calls=1)),
]


def passed_by(journal: Journal) -> None:
    """Пётр's caller came later and was asked first."""
    values = journal.calls["a"].values
    journal.calls["b"] = row(**values | {"id": "b", "queued_at": 5})
    journal.calls["a"] = row(**values | {"queued_at": -9})
    journal.events["a"][:2] = [event("arrived", "arrived", -9), event("offered:1", "offered", 40)]
    journal.events["b"] = [event("arrived", "arrived", 5), event("offered:2", "offered", 6)]


def test_a_day_that_went_well(day: tuple[Log, Journal]) -> None:
    assert check(*day) == []


@pytest.mark.parametrize(("rule", "harm"), HARMS)
def test_every_harm_is_seen(day: tuple[Log, Journal], rule: str, harm: Harm) -> None:
    harm(*day)
    assert rule in {violation.rule for violation in check(*day)}
