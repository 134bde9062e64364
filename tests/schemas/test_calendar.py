"""Working hours: breaks, nights, special days, clocks that jump."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendar import DAYS, WorkingHours, is_open, opens_at, read, typed_spans, written_spans
from schemas.errors import Invalid

ZONE = ZoneInfo("Asia/Yekaterinburg")
BERLIN = ZoneInfo("Europe/Berlin")  # clocks jump 2026-03-29 02:00→03:00 and 2026-10-25 03:00→02:00
OFFICE = {
    **{day: [["08:00", "12:00"], ["13:00", "20:00"]] for day in DAYS[:5]},
    "sat": [["22:00", "02:00"]],
    "holidays": {"2026-12-31": [["09:00", "15:00"]], "2027-01-01": []},
}


def at(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-11-23 07:59:59", False),
        ("2026-11-23 08:00:00", True),
        ("2026-11-23 12:30", False),
        ("2026-11-23 19:59:59", True),
        ("2026-11-23 20:00", False),
        ("2026-11-28 23:30", True),
        ("2026-11-29 01:59", True),
        ("2026-11-29 02:00", False),
        ("2026-12-31 14:00", True),
        ("2026-12-31 16:00", False),
        ("2027-01-01 10:00", False),
    ],
)
def test_the_office_works_by_its_own_clock(moment: str, opened: bool) -> None:
    assert is_open(OFFICE, at(moment), ZONE) is opened


@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        ("2026-11-23 12:30", "2026-11-23 13:00"),
        ("2026-11-23 21:00", "2026-11-24 08:00"),
        ("2026-11-29 02:00", "2026-11-30 08:00"),
        ("2026-12-31 15:00", "2027-01-02 22:00"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
    ],
)
def test_the_next_opening_is_known(asked: str, opens: str) -> None:
    assert opens_at(OFFICE, at(asked), ZONE) == at(opens)


def test_without_hours_it_is_always_open_and_with_none_written_never() -> None:
    assert is_open(None, at("2026-11-23 03:00"), ZONE)
    assert not is_open({}, at("2026-11-23 12:00"), ZONE)
    assert opens_at({}, at("2026-11-23 12:00"), ZONE) is None
    assert opens_at({"holidays": {"2031-05-09": [["10:00", "11:00"]]}}, at("2026-01-01"), ZONE) == at(
        "2031-05-09 10:00"
    )


def test_a_night_over_the_jump_of_clocks_has_no_hole() -> None:
    night = {"sat": [["22:00", "02:30"]], "sun": [["02:30", "06:00"]]}
    for before in ("2026-03-28 22:00", "2026-10-24 22:00"):
        begin = at(before, BERLIN)
        assert all(is_open(night, begin + timedelta(minutes=m), BERLIN) for m in range(0, 7 * 60, 5))


@pytest.mark.parametrize(
    ("hours", "field", "sentence"),
    [
        ({"mon": [["8:00", "20:00"]]}, "mon", "Время пишется так: 08:00."),
        ({"mon": [["08:00", "25:00"]]}, "mon", "Время пишется так: 08:00."),
        ({"tue": [["08:00", "08:00"]]}, "tue", "Начало и конец совпадают."),
        ({"wed": [["08:00", "13:00"], ["12:00", "20:00"]]}, "wed", "Часы одного дня пересекаются."),
        ({"fri": [["20:00", "02:00"], ["21:00", "23:00"]]}, "fri", "За полночь"),
        ({"holidays": {"31.12": []}}, "holidays.31.12", "Введите дату"),
        ({"holidays": {"2026-12-31": [["a", "b"]]}}, "holidays.2026-12-31", "Время пишется так"),
        ({"monday": []}, "monday", "Такого поля нет."),
    ],
)
def test_what_is_mistyped_is_told_in_words(hours: dict[str, object], field: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(hours)
    assert refused.value.fields[field].startswith(sentence)


def test_hours_are_read_as_people_type_them() -> None:
    assert typed_spans("8-12; 13.30 — 20:00,") == [("08:00", "12:00"), ("13:30", "20:00")]
    assert written_spans(typed_spans("8-20")) == "08:00–20:00"
    assert typed_spans(" ") == []
    with pytest.raises(Invalid, match="Проверьте"):
        read({"mon": typed_spans("с утра")})


CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda m: f"{m // 60:02d}:{m % 60:02d}")
SPANS = st.tuples(CLOCKS, CLOCKS | st.just("24:00")).filter(lambda span: span[0] != span[1])
WEEKS = st.fixed_dictionaries({day: st.lists(SPANS, max_size=1) for day in DAYS})
SPECIAL = st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 11, 30)), st.lists(SPANS, max_size=1), max_size=4)
MOMENTS = st.integers(0, 270 * 24 * 60).map(lambda m: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=m))
Week = dict[str, list[tuple[str, str]]]
Special = dict[date, list[tuple[str, str]]]


@given(WEEKS, SPECIAL, MOMENTS, st.sampled_from([ZONE, BERLIN]))
def test_the_next_opening_is_the_first_open_instant(
    week: Week, special: Special, moment: datetime, zone: ZoneInfo
) -> None:
    hours = WorkingHours.model_validate({**week, "holidays": special})
    opens = opens_at(hours, moment, zone)
    assert (opens == moment) is is_open(hours, moment, zone)
    if opens is None:
        assert not any(hours.of(moment.date() + timedelta(days=shift)) for shift in range(-1, 30))
        return
    assert is_open(hours, opens, zone)
    between = (moment + (opens - moment) * part / 16 for part in range(16))
    assert not any(is_open(hours, closed, zone) for closed in between if closed < opens and opens > moment)


@given(WEEKS, MOMENTS)
def test_what_is_written_reads_as_it_was(week: Week, moment: datetime) -> None:
    hours = read(week)
    stored = hours.model_dump(mode="json")
    assert read(stored) == hours
    assert is_open(stored, moment, ZONE) is is_open(hours, moment, ZONE)
