"""The journal of calls as an XLSX: page after page from the database, row after row onto the disk."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from schemas.job import TOO_LONG
from schemas.journal import CHANNEL_WORDS, RESULT_WORDS, JournalFilter, JournalPage, JournalRow
from schemas.phone import shown
from store import call_journal
from store.job import Job
from ui.language import gettext as _
from ui.language import language
from worker.document_means import Means, Progress, Refused

PAGE = 500
MOST_ROWS = 1_048_575  # a sheet's rows but the heading
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


async def write(means: Means, row: Job, path: Path, progress: Progress) -> None:
    """Write the rows that the order's filter finds, newest first, as of the moment it begins."""
    language.set(row.params["language"])
    source = call_journal.own(row.employee_id) if row.params["own"] else call_journal.everybody()
    wanted = JournalFilter.model_validate(row.params["filter"])
    async with means.database.transaction() as session:
        progress.total = await call_journal.count_rows(session, source, wanted)
    if progress.total > MOST_ROWS:
        raise Refused(TOO_LONG)
    book = JournalBook(path, means.zone)
    async for found in pages(means, source, wanted):
        for call in found:
            book.add(call)
        progress.done += len(found)
    book.describe(row.params, wanted)
    await asyncio.to_thread(book.close)


async def pages(
    means: Means, source: call_journal.Source, wanted: JournalFilter
) -> AsyncIterator[tuple[JournalRow, ...]]:
    """Yield page after page, each in a short transaction of its own."""
    page = JournalPage(size=PAGE)
    while True:
        async with means.database.transaction() as session:
            found = await call_journal.list_rows(session, source, wanted, page)
        if found.rows:
            yield found.rows
        if not found.has_older:
            return
        page = JournalPage(size=PAGE, after=found.rows[-1].place)


def columns() -> list[tuple[str, int]]:
    """Return the headings as the journal's page has them, and their widths."""
    return [
        (_("Время звонка"), 18),
        (_("Номер телефона"), 20),
        (_("Тип канала"), 14),
        (_("ФИО абонента"), 36),
        (_("Время ожидания"), 12),
        (_("Длительность звонка"), 12),
        (_("Длительность постобработки"), 12),
        (_("Продолжительность звонка"), 12),
        (_("Причина звонка"), 30),
        (_("Комментарий"), 50),
        (_("Отложен"), 12),
        (_("Оператор"), 32),
        (_("Очередь"), 26),
        (_("Результат"), 26),
    ]


class JournalBook:
    """The workbook: cells keep their types, and no text is ever taken for a formula."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path = path
        self.zone = zone
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = Workbook(str(path), options)
        self.sheet: Worksheet = self.book.add_worksheet(_("Журнал"))
        self.height = 0
        self.head = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.date = self.book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        self.length = self.book.add_format({"num_format": "[h]:mm:ss"})
        self.quoted = self.book.add_format({"quote_prefix": True})
        for place, (label, width) in enumerate(columns()):
            self.sheet.set_column(place, place, width)
            self.sheet.write_string(0, place, label, self.head)
        self.sheet.freeze_panes(1, 0)

    def add(self, row: JournalRow) -> None:
        """Write one call."""
        self.height += 1
        number = shown(row.number) if row.confirmed else f"{shown(row.number)} ({_('не подтверждён')})"
        cells: list[Any] = [row.started_at, number, _(CHANNEL_WORDS[row.channel]), row.full_name]
        cells += [row.waiting, row.talk, row.post_processing, row.total]
        cells += [row.reason_text, row.comment, _("Да") if row.postponed else None]
        cells += [row.employee_text, row.queue, _(RESULT_WORDS[row.result])]
        for place, value in enumerate(cells):
            self.write(self.sheet, (self.height, place), value)

    def write(self, sheet: Worksheet, place: tuple[int, int], value: str | datetime | timedelta | None) -> None:
        """Write one cell by its type; a text that looks like a formula is marked as text for good."""
        if isinstance(value, datetime):
            sheet.write_datetime(*place, value.astimezone(self.zone).replace(tzinfo=None), self.date)
        elif isinstance(value, timedelta):
            sheet.write_number(*place, value / timedelta(days=1), self.length)
        elif value:
            sheet.write_string(*place, value, self.quoted if value.startswith(FORMULA_SIGNS) else None)

    def describe(self, params: dict[str, Any], wanted: JournalFilter) -> None:
        """Write a second sheet that says what was asked for, by whom and when."""
        sheet = self.book.add_worksheet(_("Условия"))
        sheet.set_column(0, 1, 40)
        lines: list[tuple[str, Any]] = [(_("Составил"), params["by"]), (_("Составлен"), datetime.now(self.zone))]
        lines += [(_("Часовой пояс"), self.zone.key), (_("Строк"), str(self.height))]
        lines += [(_("С"), wanted.since), (_("До"), wanted.until)]
        lines += [(_(label), "; ".join(map(_, words.split("; ")))) for label, words in params["conditions"]]
        for height, (label, value) in enumerate(pair for pair in lines if pair[1] is not None):
            sheet.write_string(height, 0, label, self.head)
            self.write(sheet, (height, 1), value)

    def close(self) -> None:
        """Finish the file and have it on the disk."""
        self.sheet.autofilter(0, 0, max(1, self.height), len(columns()) - 1)
        self.book.close()
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
