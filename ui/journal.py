"""«Главная» and «Журнал»: the figures of the day and the lists of calls."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from schemas.journal import (
    CHANNEL_WORDS,
    ENDED,
    RESULT_WORDS,
    Channel,
    Choices,
    Day,
    JournalFilter,
    JournalPage,
    JournalRows,
    Result,
)
from schemas.page import Place
from services import journal, recording, voicemail
from services.access import is_own_only
from services.front import Front
from ui.language import gettext
from ui.render import fragment, page, pages_of
from ui.session import UiFront, right
from ui.table import Column, TableQuery, TableView

router = APIRouter(include_in_schema=False)

LIVE = "pult:calls"
PERIOD = ("since", "until")
WHOSE = 4
"""Behind this many columns a list of all says whose call it was and how it ended."""


@dataclass(frozen=True)
class PeriodView(TableView):
    """A table with a period: the period is one more condition, taken off with the others."""

    @property
    def count_filters(self) -> int:
        return len(self.query.filters) + bool(self.query.extra)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.q or self.query.filters or self.query.extra)

    def address(self, q: str = "", filtered: bool = False, after: str = "", before: str = "") -> str:
        if filtered:
            return super().address(q, filtered, after, before)
        return TableView.address(replace(self, query=replace(self.query, extra={})), q, filtered, after, before)


@router.get("/home", dependencies=[right("home.read")])
async def show_home(request: Request, front: UiFront) -> HTMLResponse:
    today = day_of(request)
    columns = home_columns(await journal.get_choices(front))
    query = TableQuery.read(request.query_params, columns)
    wanted = filter_of(query).model_copy(update={"since": today.since, "until": today.until})
    rows = await journal.list_own_calls(front, wanted, page_of(query))
    shown = table_context(view_of("calls", "/home", query, columns, rows), rows)
    if is_for(request, "calls"):
        return fragment(request, "journal/_calls.html", shown)
    context = {"section": "home", "day": await journal.get_day(front, today), "today": today.since.date()}
    return page(request, "journal/home.html", {**context, **shown})


@router.get("/home/figures", dependencies=[right("home.read")])
async def show_figures(request: Request, front: UiFront) -> HTMLResponse:
    return fragment(request, "journal/_figures.html", {"day": await journal.get_day(front, day_of(request))})


@router.get("/journal", dependencies=[right("call.list")])
async def show_journal(request: Request, front: UiFront) -> HTMLResponse:
    is_own = is_own_only(front.actor, "call.list")
    columns = journal_columns(await journal.get_choices(front), is_own)
    query = TableQuery.read(request.query_params, columns, PERIOD)
    wanted = filter_of(query).model_copy(update=period_of(query, pages_of(request.app).zone))
    rows = await journal.list_calls(front, wanted, page_of(query))
    shown = {"is_own": is_own, **await sounds_of(front, rows)}
    context = table_context(view_of("journal", "/journal", query, columns, rows), rows) | shown
    if is_for(request, "journal"):
        return fragment(request, "journal/_journal.html", context)
    return page(request, "journal/journal.html", {"section": "journal", **context})


async def sounds_of(front: Front, rows: JournalRows) -> dict[str, set[UUID]]:
    """Return which of the calls the actor can listen to: a talk, or a message."""
    calls = [row.call_id for row in rows.rows]
    return {
        "recorded": await recording.list_recorded(front, calls),
        "messages": await voicemail.list_left(front, calls),
    }


def is_for(request: Request, element: str) -> bool:
    """Whether htmx asks for this element alone."""
    return request.headers.get("hx-target", "").endswith(f"#{element}")


def day_of(request: Request) -> Day:
    """Return today in the zone of the centre."""
    centre = request.app.state.settings.centre
    midnight = datetime.now(ZoneInfo(centre.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Day(since=midnight, until=midnight + timedelta(days=1), talk_norm=centre.talk_norm)


def home_columns(choices: Choices) -> tuple[Column, ...]:
    """Return the columns of «Звонки за сегодня» in the manual's order and words (R81-R90)."""
    channels = [(channel.value, gettext(CHANNEL_WORDS[channel])) for channel in Channel]
    return (
        Column("number", gettext("Номер телефона")),
        Column("channel", gettext("Тип канала"), channels),
        Column("name", gettext("ФИО абонента")),
        Column("at", gettext("Время звонка"), css="num"),
        Column("waiting", gettext("Время ожидания"), css="num"),
        Column("talk", gettext("Длительность звонка"), css="num"),
        Column("post_processing", gettext("Длительность постобработки"), css="num"),
        Column("reason", gettext("Причина звонка"), choices.reasons),
        Column("comment", gettext("Комментарий"), css="rest"),
        Column("total", gettext("Продолжительность звонка"), css="num"),
    )


def journal_columns(choices: Choices, is_own: bool) -> tuple[Column, ...]:
    """Return the columns of «Журнал»; whoever sees the calls of all sees also whose they are."""
    postponed = Column("postponed", gettext("Отложен"), [("1", gettext("Отложенные"))])
    if is_own:
        return (*home_columns(choices), postponed)
    results = [(result.value, gettext(RESULT_WORDS[result])) for result in ENDED]
    own = home_columns(choices)
    return (
        *own[:WHOSE],
        Column("employee", gettext("Оператор"), choices.employees),
        Column("queue", gettext("Очередь"), choices.queues),
        Column("result", gettext("Результат"), results),
        *own[WHOSE:],
        postponed,
    )


def history_columns(choices: Choices) -> tuple[Column, ...]:
    """Return the columns of the tab «Звонки»: earlier calls of one subscriber, whoever took them."""
    shown = {column.key: column for column in home_columns(choices)}
    return (
        replace(shown["at"], css=""),
        *(shown[key] for key in ("channel", "talk", "reason", "comment")),
        Column("employee", gettext("Оператор"), css="text"),
    )


def filter_of(query: TableQuery) -> JournalFilter:
    """Return what the address asks for; the values were checked against the columns."""
    chosen = query.filters
    wanted = JournalFilter(
        channels=tuple(Channel(value) for value in chosen.get("channel", ())),
        reasons=tuple(UUID(value) for value in chosen.get("reason", ())),
        queues=tuple(UUID(value) for value in chosen.get("queue", ())),
        employees=tuple(UUID(value) for value in chosen.get("employee", ())),
        results=tuple(Result(value) for value in chosen.get("result", ())),
        postponed=True if chosen.get("postponed") else None,
    )
    return wanted.searched(query.q) if query.q else wanted


def period_of(query: TableQuery, zone: Any) -> dict[str, datetime | None]:
    """Return the period in the centre's days, the last day included; a misspelt day is no condition."""
    since, until = (day_typed(query.extra.get(name, "")) for name in PERIOD)
    return {
        "since": datetime.combine(since, time(), zone) if since else None,
        "until": datetime.combine(until + timedelta(days=1), time(), zone) if until and until < date.max else None,
    }


def day_typed(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def page_of(query: TableQuery) -> JournalPage:
    return JournalPage(after=Place.read(query.after), before=Place.read(query.before))


def view_of(name: str, url: str, query: TableQuery, columns: tuple[Column, ...], rows: JournalRows) -> TableView:
    return PeriodView(name, url, query, columns, rows.next_after, rows.prev_before, LIVE)


def table_context(view: TableView, rows: JournalRows) -> dict[str, Any]:
    return {"view": view, "rows": rows.rows, "channel_words": CHANNEL_WORDS, "result_words": RESULT_WORDS}
