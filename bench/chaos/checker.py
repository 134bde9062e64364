"""What must hold whatever happened: checks over the robots' log and the journal, and over nothing else."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from bench.chaos.journal import Journal, Row
from bench.chaos.log import Entry, Log

UNSERVED = ("abandoned", "voicemail", "callback", "rejected", "failed")
CLOSED = ("answered", "declined", "missed", "withdrawn", "void")
SLACK, LATE, PARKED_IN, CONFLICT = 2.0, 5.0, 3.0, 409
"""Seconds: between an event's time and its commit; of a timer's lateness after everything is back; to the music."""


class Harm(StrEnum):
    """What a broken rule means for people."""

    LOST = "lost"
    DOUBLED = "doubled"
    BROKEN = "broken"


@dataclass(frozen=True)
class Violation:
    """One rule that does not hold, where, and what is seen."""

    rule: str
    harm: Harm
    call: str
    words: str


Found = Iterator[Violation]


def check(log: Log, journal: Journal) -> list[Violation]:
    """Return everything that is wrong."""
    return [violation for rule in RULES for violation in rule(log, journal)]


def i1_one_call_at_a_desk(log: Log, journal: Journal) -> Found:
    by_desk = defaultdict(list)
    for serving in journal.servings:
        by_desk[serving.desk_id].append(serving)
    for servings in by_desk.values():
        for one, other in pairwise(servings):
            if one.finished_at is None or one.finished_at > other.offered_at:
                yield Violation("I1", Harm.DOUBLED, other.call_id, f"the desk still serves {one.call_id}")


def i2_every_call_ends_once(log: Log, journal: Journal) -> Found:
    known = {entry.call for entry in log.of("has_call")}
    for call in known:
        row = journal.calls.get(call)
        if row is None:
            yield Violation("I2", Harm.LOST, call, "acknowledged, and not in the journal")
        else:
            yield from _ends(call, row, journal)
    for call in journal.calls.keys() - known:
        yield Violation("I2", Harm.DOUBLED, call, "in the journal, and nobody's")


def _ends(call: str, row: Row, journal: Journal) -> Found:
    served = [one for one in journal.servings_of(call) if one.answered_at is not None and one.role != "consult"]
    finished, unserved = journal.events_of(call, "finished", "lapsed"), journal.events_of(call, *UNSERVED)
    if row.stage in ("failed", "rejected") or journal.events_of(call, "lapsed"):
        yield Violation("I2", Harm.LOST, call, f"ended as {row.stage}, filled: {row.filled}")
    if len(finished) > len(served) or len(unserved) > 1 or (finished and unserved):
        yield Violation("I2", Harm.DOUBLED, call, f"{len(finished)} finished, {len(unserved)} unserved ends")
    if row.ended_at is None or not (finished or unserved) or len(finished) < len(served):
        yield Violation(
            "I2", Harm.LOST, call, f"has no end: {row.stage}, {len(served)} served, {len(finished)} finished"
        )


def i2_what_was_acknowledged_is_written(log: Log, journal: Journal) -> Found:
    for entry in acknowledged(log, "answers"):
        if not any(serving.answered_at for serving in journal.servings_of(entry.call)):
            yield Violation("I2", Harm.LOST, entry.call, f"{entry.robot} answered, the journal does not know")
    for entry in acknowledged(log, "finishes"):
        done = [event for event in journal.events_of(entry.call, "finished") if entry.more["key"] in event.key]
        if len(done) != 1:
            harm = Harm.LOST if not done else Harm.DOUBLED
            yield Violation("I2", harm, entry.call, f"{entry.robot} finished, the journal has it {len(done)} times")
        elif (
            _has_last_word(done[0], entry.call, journal) and journal.calls[entry.call].comment != entry.more["comment"]
        ):
            yield Violation("I2", Harm.LOST, entry.call, "the comment of the finish is gone")


def _has_last_word(finished: Row, call: str, journal: Journal) -> bool:
    """Whether this operator talked last: of several it is his comment that stays."""
    talked = [one for one in journal.servings_of(call) if one.answered_at is not None and one.role != "consult"]
    last = max(talked, key=lambda serving: float(serving.answered_at), default=None)
    return call in journal.calls and last is not None and last.employee_id == finished.actor_id


def i2_nobody_is_cut_off(log: Log, journal: Journal) -> Found:
    asked = {entry.call for entry in log.of("wants_to_hang_up")}
    for entry in log.of("leg"):
        if entry.more["state"] == "gone" or (entry.more["state"] == "ended" and entry.call not in asked):
            yield Violation("I2", Harm.LOST, entry.call, f"nobody hung up, the line is {entry.more['state']}")


def i3_one_ring_at_a_time(log: Log, journal: Journal) -> Found:
    for call, events in journal.events.items():
        is_open = False
        for event in events:
            if event.kind == "offered" and is_open:
                yield Violation("I3", Harm.DOUBLED, call, "offered while it was offered")
            is_open = event.kind == "offered" or (is_open and event.kind not in CLOSED)
    for entry in acknowledged(log, "answers_late"):
        yield Violation("I3", Harm.DOUBLED, entry.call, f"{entry.robot} took a ring that was over")


def i4_only_free_desks_ring(log: Log, journal: Journal) -> Found:
    for serving in journal.servings:
        during = [one for one in journal.intervals.get(serving.desk_id, []) if holds(one, serving.offered_at)]
        if not during or during[0].status != "incoming":
            state = during[0].status if during else "nothing"
            yield Violation("I4", Harm.BROKEN, serving.call_id, f"offered to a desk in {state}")


def holds(interval: Row, at: float) -> bool:
    return bool(interval.since <= at and (interval.until is None or at < interval.until))


def i5_first_come_first_served(log: Log, journal: Journal) -> Found:
    waits = [wait for call in journal.calls for wait in waits_of(call, journal)]
    for mine in waits:
        for other in waits:
            if mine.is_offered and other.is_passed_by(mine):
                yield Violation("I5", Harm.BROKEN, mine.call, f"{other.call} waited longer and was not asked")


@dataclass(frozen=True)
class Wait:
    """A call in its queue, until it was offered or ended; the higher rank goes first."""

    call: str
    queue: str
    rank: tuple[bool, float]
    since: float
    until: float
    is_offered: bool

    def is_passed_by(self, other: "Wait") -> bool:
        """Whether the other one was asked although this one stood before it."""
        is_before = self.rank > other.rank and self.queue == other.queue
        return is_before and self.since + SLACK < other.until < self.until


def waits_of(call: str, journal: Journal) -> Iterator[Wait]:
    """Yield when the call waited; after an offer that its process let go void it is asked for again a minute later."""
    since: float | None = None
    is_returned, row = False, journal.calls[call]
    for event in journal.events_of(call):
        if event.kind in ("arrived", "missed", "declined", "returned_to_queue"):
            since, is_returned = event.at, is_returned or event.kind == "returned_to_queue"
        elif since is not None and event.kind in ("offered", *UNSERVED):
            rank = (is_returned, -row.queued_at)
            yield Wait(call, row.queue_id, rank, since, event.at, event.kind == "offered")
            since = None


def i6_timers_fire_in_time(log: Log, journal: Journal) -> Found:
    outages = list(outages_of(log))
    for call in journal.calls:
        for missed in journal.events_of(call, "missed"):
            due = journal.offers[missed.key.split(":")[1]].deadline
            began = max([due, *(until for since, until in outages if since <= missed.at and until >= due)])
            if missed.at - began > LATE:
                yield Violation("I6", Harm.BROKEN, call, f"a ring ended {missed.at - began:.1f} s late")


def outages_of(log: Log) -> Iterator[tuple[float, float]]:
    """Yield from each fault to the first order of which a process said, after everything was back, that it is done."""
    since = until = 0.0
    for entry in log.of("fault", "ready", "finishes"):
        if entry.does == "fault":
            since, until = entry.at, 0.0
        elif entry.does == "ready":
            until = entry.at
        elif since and until and entry.is_acknowledged:
            yield since, entry.at
            since = 0.0


def i7_time_at_the_desk_has_no_gaps(log: Log, journal: Journal) -> Found:
    for desk, intervals in journal.intervals.items():
        for one, other in pairwise(intervals):
            if one.until != other.since:
                yield Violation(
                    "I7", Harm.BROKEN, "", f"desk {desk}: {one.status} until {one.until}, then {other.since}"
                )
        if intervals[-1].until is not None:
            yield Violation("I7", Harm.BROKEN, "", f"desk {desk} is in no state")


def i12_only_who_serves_may_finish(log: Log, journal: Journal) -> Found:
    for entry in acknowledged(log, "too_early", "trespasses"):
        yield Violation("I12", Harm.BROKEN, entry.call, f"{entry.robot}: {entry.does} was let through")


def i13_a_key_works_once(log: Log, journal: Journal) -> Found:
    answers = defaultdict(set)
    for entry in acknowledged(log, "finishes"):
        answers[entry.call, entry.more["key"]].add(str(entry.more["said"]))
    for (call, _), said in answers.items():
        if len(said) > 1:
            yield Violation("I13", Harm.DOUBLED, call, f"{len(said)} different answers to one key")
    for entry in acknowledged(log, "finishes_again"):
        yield Violation("I13", Harm.DOUBLED, entry.call, f"{entry.robot} finished under two keys")
    vanished = {entry.robot for entry in log.of("vanishes")}  # what a page that is gone has asked for may be done
    for entry in log.of("finishes"):
        if not entry.is_acknowledged and (entry.status != CONFLICT or entry.robot not in vanished):
            yield Violation("I13", Harm.LOST, entry.call, f"{entry.robot} could not finish: {entry.status}")


def i18_no_desk_is_stuck(log: Log, journal: Journal) -> Found:
    for entry in log.of("stuck"):
        yield Violation("I18", Harm.BROKEN, "", f"stuck: {entry.more['what']}")
    for entry in log.of("desk"):
        if entry.more["at_call"]:
            yield Violation("I18", Harm.BROKEN, entry.more["at_call"], f"{entry.robot} is still in a call")
    for entry in log.of("broken"):
        yield Violation("I22", Harm.BROKEN, "", f"500 to {entry.more['asked']}")


def i19_one_telephone(log: Log, journal: Journal) -> Found:
    """Of two devices at one desk the higher fencing number holds; the lower one is never told again that it does."""
    newest: dict[str, tuple[int, str, float]] = {}
    for entry in log.of("renews"):
        if not entry.more["held"]:
            continue
        fencing, phone = entry.more["fencing"], entry.more["phone"]
        last = newest.get(entry.robot, (0, phone, 0.0))
        if (fencing < last[0] and entry.begun > last[2]) or (fencing == last[0] and phone != last[1]):
            yield Violation("I19", Harm.DOUBLED, "", f"{entry.robot}: two telephones")
        if fencing > last[0]:
            newest[entry.robot] = (fencing, phone, entry.at)


def i20_music_when_a_page_is_gone(log: Log, journal: Journal) -> Found:
    for entry in log.of("vanishes"):
        if not entry.more["talking"] or entry.more["second"]:
            continue
        ended = [event.at for event in journal.events_of(entry.call, "talk_ended")]
        heard = [event.at for event in journal.events_of(entry.call, "parked")]
        heard += [one.at for one in log.of("leg") if one.call == entry.call and one.more["state"] == "parked"]
        until = entry.at + PARKED_IN
        if not any(at <= until for at in ended) and not any(entry.at - 1 <= at <= until for at in heard):
            yield Violation("I20", Harm.BROKEN, entry.call, f"{entry.robot} vanished, and no music in {PARKED_IN} s")


def net_was_not_needed(log: Log, journal: Journal) -> Found:
    for code, calls in Counter({entry.more["code"]: entry.more["calls"] for entry in log.of("rescued")}).items():
        if calls:
            yield Violation("net", Harm.BROKEN, "", f"{code}: {calls} calls were matched by the net only")


def acknowledged(log: Log, *does: str) -> Iterator[Entry]:
    return (entry for entry in log.of(*does) if entry.is_acknowledged)


RULES: tuple[Callable[[Log, Journal], Found], ...] = (
    i1_one_call_at_a_desk,
    i2_every_call_ends_once,
    i2_what_was_acknowledged_is_written,
    i2_nobody_is_cut_off,
    i3_one_ring_at_a_time,
    i4_only_free_desks_ring,
    i5_first_come_first_served,
    i6_timers_fire_in_time,
    i7_time_at_the_desk_has_no_gaps,
    i12_only_who_serves_may_finish,
    i13_a_key_works_once,
    i18_no_desk_is_stuck,
    i19_one_telephone,
    i20_music_when_a_page_is_gone,
    net_was_not_needed,
)
