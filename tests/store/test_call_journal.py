"""Journal of calls: whose rows, in which order, narrowed by what, in how many statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.call import CallKind, CallStage, DialOutcome, ServingRole
from schemas.desk import DeskStatus
from schemas.journal import Channel, JournalFilter, JournalPage, JournalRows, Result
from schemas.page import Place
from store import call_day, desk
from store.call_journal import list_choices
from store.subscriber import Subscriber
from tests.calls import ALL, NOON, SECOND, Calls, reason
from tests.people import ANNA, People


@pytest.fixture
async def calls(session: AsyncSession, people: People) -> Calls:
    return Calls(session, people)


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    said: list[str] = []
    connection = session.sync_session.connection()

    def note(*args: object) -> None:
        said.append(str(args[2]))

    event.listen(connection, "before_cursor_execute", note)
    yield said
    event.remove(connection, "before_cursor_execute", note)


def ids(rows: JournalRows) -> list[UUID]:
    return [row.call_id for row in rows.rows]


async def test_a_served_call_shows_its_lengths(calls: Calls) -> None:
    await calls.served(seconds=90)
    (row,) = (await calls.own_rows()).rows
    assert (row.waiting, row.talk, row.post_processing) == (10 * SECOND, 90 * SECOND, 5 * SECOND)
    assert row.total == 105 * SECOND
    assert (row.channel, row.employees, row.queue) == (Channel.INBOUND, ("Ольга Викторовна Котова",), "Горячая линия")


async def test_a_missed_ring_is_a_row_of_the_one_who_missed_it(calls: Calls) -> None:
    call = await calls.served("pyotr", comment="Просил перезвонить", postponed=True)
    await calls.serving(call, "olga", None)
    (row,) = (await calls.own_rows()).rows
    assert (row.channel, row.comment, row.postponed, row.talk) == (Channel.MISSED, "", False, None)


async def test_the_supervisor_sees_one_row_a_call(calls: Calls) -> None:
    call = await calls.served("pyotr")
    await calls.serving(call, "olga", None)
    lost = await calls.missed()
    rows = await calls.rows()
    assert ids(rows) == [lost.id, call.id]
    assert [row.channel for row in rows.rows] == [Channel.MISSED, Channel.INBOUND]


async def test_a_call_that_was_handed_over_shows_both_operators_and_is_found_by_each(calls: Calls) -> None:
    call = await calls.served("olga")
    await calls.serving(call, "pyotr", call.talk_ended_at, role=ServingRole.TRANSFER)
    await calls.serving(call, "olga", call.ended_at, role=ServingRole.TRANSFER)
    await calls.serving(call, "vera", call.answered_at, role=ServingRole.CONSULT)
    await calls.served("vera")
    people = calls.people
    for whom in ((people.olga.id,), (people.pyotr.id,), (people.pyotr.id, people.olga.id)):
        (row,) = (await calls.rows(JournalFilter(employees=whom))).rows
        assert (row.call_id, row.employees) == (call.id, (people.olga.full_name, people.pyotr.full_name))


async def test_an_unanswered_outbound_call_says_how_the_dialling_ended(calls: Calls) -> None:
    fields = {"kind": CallKind.OUTBOUND, "outcome": DialOutcome.BUSY, "answered_at": None, "talk_ended_at": None}
    busy = await calls.call(CallStage.FINISHED, employee="olga", ended_at=calls.at + SECOND, **fields)
    await calls.serving(busy, "olga", None, "busy", role=ServingRole.OUTBOUND)
    reached = await calls.served(kind=CallKind.OUTBOUND, outcome=DialOutcome.ANSWERED)
    (row,) = (await calls.rows(JournalFilter(results=(Result.BUSY,)))).rows
    assert (row.result, row.channel, row.employees) == (Result.BUSY, Channel.OUTBOUND, (calls.people.olga.full_name,))
    assert ids(await calls.rows(JournalFilter(results=(Result.FINISHED,)))) == [reached.id]
    assert ids(await calls.rows(JournalFilter(results=(Result.FINISHED, Result.BUSY)))) == [reached.id, busy.id]
    assert len((await calls.rows(JournalFilter(employees=(calls.people.olga.id,)))).rows) == 2


async def test_an_offer_that_never_rang_is_no_row(calls: Calls) -> None:
    await calls.serving(await calls.served("pyotr"), "olga", None, "void")
    assert (await calls.own_rows()).rows == ()


async def test_pages_go_there_and_back_without_a_gap(calls: Calls) -> None:
    newest_first = [(await calls.served()).id for _ in range(7)][::-1]
    first = await calls.own_rows(page=JournalPage(size=3))
    second = await calls.own_rows(page=JournalPage(size=3, after=first.rows[-1].place))
    third = await calls.own_rows(page=JournalPage(size=3, after=second.rows[-1].place))
    back = await calls.own_rows(page=JournalPage(size=3, before=third.rows[0].place))
    assert ids(first) + ids(second) + ids(third) == newest_first
    assert (first.has_newer, first.has_older, third.has_newer, third.has_older) == (False, True, True, False)
    assert back.rows == second.rows
    assert back.has_newer


async def test_calls_of_one_instant_are_ordered_by_id(calls: Calls) -> None:
    for _ in range(4):
        calls.at = NOON
        await calls.served()
    everything = await calls.rows()
    half = await calls.rows(page=JournalPage(size=2))
    rest = await calls.rows(page=JournalPage(size=2, after=half.rows[-1].place))
    assert ids(half) + ids(rest) == ids(everything)


def test_a_place_survives_the_address_and_a_forged_one_is_nothing() -> None:
    place = Place(at=NOON + timedelta(microseconds=7), id=uuid4())
    assert Place.read(place.text) == place
    assert [Place.read(text) for text in ("", "x_y", f"2026-01-01_{uuid4()}", "2026-01-01T00:00:00Z_1")] == [None] * 4


async def test_filters_take_several_values_and_work_together(calls: Calls, session: AsyncSession) -> None:
    first, second, third = await calls.served(), await calls.served("pyotr"), await calls.served("vera")
    await calls.missed()
    complaint = await reason(session, "Жалоба", first, second)
    status = await reason(session, "Статус заявления", third)
    assert ids(await calls.rows(JournalFilter(reasons=(complaint, status)))) == [third.id, second.id, first.id]
    people = (calls.people.pyotr.id, calls.people.vera.id)
    assert ids(await calls.rows(JournalFilter(reasons=(complaint,), employees=people))) == [second.id]


@pytest.mark.parametrize(
    ("channels", "count"),
    [((), 3), ((Channel.MISSED,), 1), ((Channel.INBOUND, Channel.MISSED), 3), ((Channel.OUTBOUND,), 0)],
)
async def test_channels_are_told_apart(calls: Calls, channels: tuple[Channel, ...], count: int) -> None:
    await calls.served()
    await calls.served()
    await calls.missed()
    for rows in (
        await calls.own_rows(JournalFilter(channels=channels)),
        await calls.rows(JournalFilter(channels=channels)),
    ):
        assert len(rows.rows) == count


async def test_results_postponed_calls_and_periods_narrow(calls: Calls) -> None:
    first = await calls.served(postponed=True)
    lost = await calls.missed()
    assert ids(await calls.rows(JournalFilter(results=(Result.ABANDONED,)))) == [lost.id]
    assert ids(await calls.rows(JournalFilter(postponed=True))) == [first.id]
    assert ids(await calls.rows(JournalFilter(since=NOON + SECOND))) == [lost.id]
    assert ids(await calls.rows(JournalFilter(until=NOON + SECOND))) == [first.id]


@pytest.mark.parametrize("typed", ["+7 (916) 123-45-67", "89161234567", "8 916 123", "916123", "79161234567", "+7916"])
async def test_a_number_is_found_in_any_spelling(calls: Calls, typed: str) -> None:
    call = await calls.served()
    await calls.served(number="+79997654321")
    assert ids(await calls.rows(ALL.searched(typed))) == [call.id]


@pytest.mark.parametrize("typed", ["бел", "БЕЛОВА", "сергеевна белова", "Анна", "семён", "СЕМЕН"])
async def test_a_name_is_found_by_a_part_in_any_case(calls: Calls, session: AsyncSession, typed: str) -> None:
    anna, semyon = Subscriber(full_name=ANNA), Subscriber(full_name="Семён Белый 100%")
    session.add_all([anna, semyon])
    await session.flush()
    call = await calls.served(subscriber_id=anna.id)
    other = await calls.served(subscriber_id=semyon.id)
    wanted = {"бел": {call.id, other.id}, "семён": {other.id}, "СЕМЕН": {other.id}}.get(typed, {call.id})
    assert set(ids(await calls.rows(ALL.searched(typed)))) == wanted


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%%%", "а%а", "'; --", "🙂", "я"])
async def test_signs_of_a_pattern_find_nothing_else(calls: Calls, session: AsyncSession, typed: str) -> None:
    anna = Subscriber(full_name=ANNA)
    session.add(anna)
    await session.flush()
    await calls.served(subscriber_id=anna.id)
    assert (await calls.rows(ALL.searched(typed))).rows == ()


async def test_a_name_of_an_unconfirmed_caller_is_masked(calls: Calls, session: AsyncSession) -> None:
    anna = Subscriber(full_name=ANNA)
    session.add(anna)
    await session.flush()
    await calls.served(subscriber_id=anna.id, confirmed=False)
    assert (await calls.own_rows()).rows[0].full_name == "А••• С••• Б•••"


async def test_a_page_costs_one_statement(calls: Calls, session: AsyncSession) -> None:
    served = [await calls.served() for _ in range(5)]
    await reason(session, "Жалоба", *served)
    await reason(session, "Прочее", *served[:2])
    with counted(session) as said:
        rows = await calls.own_rows()
    assert len(said) == 1
    assert [row.reasons for row in rows.rows[-2:]] == [("Жалоба", "Прочее"), ("Жалоба", "Прочее")]
    assert not any("count(" in statement for statement in said)


@pytest.mark.parametrize("many", [("reasons", 2), ("reasons", 11), ("employees", 1), ("employees", 2)])
async def test_pages_led_by_an_index_have_no_gap_and_no_double(
    calls: Calls, session: AsyncSession, many: tuple[str, int]
) -> None:
    served = [await calls.served(("olga", "pyotr")[nth % 2]) for nth in range(5)]
    reasons = [await reason(session, f"Причина {nth}", *served) for nth in range(many[1])]
    chosen = {"reasons": reasons, "employees": [calls.people.olga.id, calls.people.pyotr.id][: many[1]]}
    wanted = JournalFilter(**{many[0]: tuple(chosen[many[0]])})
    everything = ids(await calls.rows(wanted))
    first = await calls.rows(wanted, JournalPage(size=2))
    second = await calls.rows(wanted, JournalPage(size=2, after=first.rows[-1].place))
    back = await calls.rows(wanted, JournalPage(size=2, before=second.rows[0].place))
    assert len(everything) == (3 if many == ("employees", 1) else 5)
    assert (ids(first) + ids(second), back.rows) == (everything[: 2 + len(second.rows)], first.rows)


async def test_choices_are_one_statement(calls: Calls, session: AsyncSession) -> None:
    await reason(session, "Жалоба")
    with counted(session) as said:
        choices = await list_choices(session)
    assert len(said) == 1
    assert [name for _, name in choices["queues"]] == ["Горячая линия"]
    assert "Жалоба" in [name for _, name in choices["reasons"]]


async def test_a_day_counts_rings_states_and_the_queue(calls: Calls, session: AsyncSession) -> None:
    people = calls.people
    await calls.served()
    await calls.missed()
    await calls.call(stage=CallStage.WAITING)
    olga = await desk.get(session, people.desk(people.olga).id)
    await desk.set_status(session, olga, DeskStatus.INCOMING, at=NOON)
    await desk.set_status(session, olga, DeskStatus.BREAK, at=NOON + timedelta(minutes=40))
    until = NOON + timedelta(hours=1)
    states = await call_day.sum_states(session, people.olga.id, NOON, until)
    assert states == {DeskStatus.INCOMING: timedelta(minutes=40), DeskStatus.BREAK: timedelta(minutes=20)}
    assert len(await call_day.list_rings(session, people.olga.id, NOON, until)) == 2
    assert (await call_day.count_waiting(session, people.olga.id, 600 * SECOND))[0] == 1
