"""The demo week written down: calls with their servings, timelines and reasons, desks with their intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import SQLModel

from schemas.base import id_from
from schemas.call import CallStage, Party
from schemas.desk import DeskStatus
from schemas.timeline import EventKind
from store.call import Call, CallEvent, CallReason, Reason, Serving
from store.desk import Desk, DeskInterval
from store.queue import Queue
from store.staff import Employee
from store.subscriber import Subscriber
from worker.demo_people import LUNCH, QUEUES, REASONS, REST
from worker.demo_week import Talk, abandoned, shifts, spells, talks

STRANGERS = 0.15
MISSED = 0.06
DAY_OFF = 0.15
LUNCH_FROM, REST_FROM = timedelta(minutes=25), timedelta(minutes=8)
STILL_TODAY = timedelta(hours=1)


@dataclass(frozen=True)
class Centre:
    """What the week happens to."""

    employees: Sequence[Employee]
    desks: Sequence[Desk]
    queues: Sequence[Queue]
    reasons: Sequence[Reason]
    subscribers: Sequence[Subscriber]
    break_reasons: Mapping[str, UUID]


def journal(centre: Centre, now: datetime, zone: ZoneInfo) -> list[list[SQLModel]]:
    """Return the rows of the week, what is referred to before what refers to it."""
    scribe = Scribe(centre)
    for begin, end in shifts(now, zone):
        is_today = now - end < STILL_TODAY
        for desk in centre.desks:
            if is_today or scribe.random.random() > DAY_OFF:
                scribe.work(desk, begin, end)
        for arrived, left in abandoned(scribe.random, begin, end):
            scribe.lose(arrived, left)
    scribe.close(now)
    return [scribe.calls, scribe.details]


class Scribe:
    """Writes rows for what happens; the same seed writes the same week."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.random = Random(20180512)
        self.numbers = count(1)
        self.calls: list[SQLModel] = []
        self.details: list[SQLModel] = []
        self.last: dict[UUID, datetime] = {}
        self.logins = {employee.id: employee.login for employee in centre.employees}

    def work(self, desk: Desk, begin: datetime, end: datetime) -> None:
        """Write one desk's shift."""
        for spell in spells(self.random, begin, end):
            self.interval(desk, spell.status, spell.begin, spell.end)
            if spell.status is DeskStatus.INCOMING:
                for talk in talks(self.random, spell):
                    self.serve(desk, talk)

    def interval(self, desk: Desk, status: DeskStatus, begin: datetime, end: datetime | None) -> None:
        """Write a state of a desk, and the absence before it, so that nothing is left between."""
        before = self.last.get(desk.id)
        if before and before < begin:
            self.details.append(DeskInterval(desk_id=desk.id, status=DeskStatus.INACTIVE, during=Range(before, begin)))
        reason = self.why(end - begin) if end and status is DeskStatus.BREAK else None
        self.details.append(DeskInterval(desk_id=desk.id, status=status, reason=reason, during=Range(begin, end)))
        self.last[desk.id] = end or begin

    def why(self, length: timedelta) -> str | None:
        """Return the reason of a break of this length; the moments after a login have none."""
        name = LUNCH if length > LUNCH_FROM else REST if length > REST_FROM else None
        return str(self.centre.break_reasons[name]) if name else None

    def serve(self, desk: Desk, talk: Talk) -> None:
        """Write a call that the desk was offered and took, or did not take."""
        if self.random.random() < MISSED:
            self.miss(desk, talk)
            return
        call = self.call(talk.started_at, self.queue_of(desk))
        call.stage, call.employee_id = CallStage.FINISHED, desk.employee_id
        call.answered_at, call.talk_ended_at, call.ended_at = talk.answered_at, talk.talk_ended_at, talk.finished_at
        call.ended_by = self.random.choice((Party.CITIZEN, Party.CITIZEN, Party.OPERATOR))
        self.explain(call)
        serving = Serving(call_id=call.id, desk_id=desk.id, employee_id=desk.employee_id, offered_at=talk.offered_at)
        serving.answered_at, serving.ended_at = talk.answered_at, talk.talk_ended_at
        serving.finished_at, serving.outcome = talk.finished_at, "answered"
        self.details.append(serving)
        story = [(EventKind.ARRIVED, talk.started_at), (EventKind.OFFERED, talk.offered_at)]
        story += [(EventKind.ANSWERED, talk.answered_at), (EventKind.TALK_ENDED, talk.talk_ended_at)]
        self.tell(call, [*story, (EventKind.FINISHED, talk.finished_at)], desk.employee_id)

    def miss(self, desk: Desk, talk: Talk) -> None:
        """Write a ring that the desk let pass; the citizen gave up while he waited for the next one."""
        passed = min(talk.offered_at + timedelta(seconds=20), talk.finished_at)
        left = passed + timedelta(seconds=self.random.uniform(3, 40))
        call = self.lose(talk.started_at, left, self.queue_of(desk), tell=False)
        serving = Serving(call_id=call.id, desk_id=desk.id, employee_id=desk.employee_id, offered_at=talk.offered_at)
        serving.ended_at = serving.finished_at = passed
        serving.outcome = "missed"
        self.details.append(serving)
        story = [(EventKind.ARRIVED, talk.started_at), (EventKind.OFFERED, talk.offered_at)]
        self.tell(call, [*story, (EventKind.MISSED, passed), (EventKind.ABANDONED, left)], desk.employee_id)

    def lose(self, arrived: datetime, left: datetime, queue: Queue | None = None, tell: bool = True) -> Call:
        """Write a call that nobody answered."""
        call = self.call(arrived, queue or self.random.choice(self.centre.queues))
        call.stage, call.ended_at, call.ended_by = CallStage.ABANDONED, left, Party.CITIZEN
        if tell:
            self.tell(call, [(EventKind.ARRIVED, arrived), (EventKind.ABANDONED, left)], None)
        return call

    def call(self, at: datetime, queue: Queue) -> Call:
        """Write a call from a known subscriber, now and then from a stranger."""
        number = next(self.numbers)
        known = self.random.choice(self.centre.subscribers) if self.random.random() > STRANGERS else None
        phone = (known.mobile_phone or known.contact_phone) if known else None
        from_number = phone or f"+7900000{self.random.randint(1000, 9999)}"
        call = Call(
            id=id_from("demo call", number, at),
            queue_id=queue.id,
            number=from_number,
            dialled=QUEUES[queue.name][0][-1],
            started_at=at,
            queued_at=at,
            version=1,
        )
        call.subscriber_id = known.id if known else None
        self.calls.append(call)
        return call

    def explain(self, call: Call) -> None:
        """Write why the citizen called and what he was told."""
        weights = [30, 18, 22, 14, 12, 6, 3, 4, 2]
        chosen = self.random.choices(self.centre.reasons, weights, k=2 if self.random.random() < 0.12 else 1)
        call.comment = self.random.choice(REASONS[chosen[0].name])
        call.postponed = self.random.random() < 0.02
        self.details += [CallReason(call_id=call.id, reason_id=reason) for reason in {reason.id for reason in chosen}]

    def tell(self, call: Call, story: Sequence[tuple[EventKind, datetime]], actor_id: UUID | None) -> None:
        """Write the timeline; the citizen's own deeds have no actor."""
        own = (EventKind.ARRIVED, EventKind.ABANDONED, EventKind.TALK_ENDED)
        for seq, (kind, at) in enumerate(story, 1):
            who = None if kind in own else actor_id
            said = {"by": call.ended_by} if kind in (EventKind.TALK_ENDED, EventKind.ABANDONED) else {}
            event = CallEvent(call_id=call.id, seq=seq, key=f"demo-{seq}", kind=kind, at=at, actor_id=who, details=said)
            self.details.append(event)

    def queue_of(self, desk: Desk) -> Queue:
        login = self.logins[desk.employee_id]
        return self.random.choice([queue for queue in self.centre.queues if login in QUEUES[queue.name][1]])

    def close(self, now: datetime) -> None:
        """Leave every desk inactive: nobody is logged in."""
        for desk in self.centre.desks:
            since = self.last.get(desk.id, now)
            self.interval(desk, DeskStatus.INACTIVE, since, None)
            desk.status_since = since
