"""A file of subscribers taken in, row after row, with a report: line, what was done, or what is wrong."""

import asyncio
from collections import Counter
from pathlib import Path

from schemas.errors import Invalid
from schemas.sentences import told
from schemas.subscriber_import import ROW_WORDS, Row, RowResult
from services.subscriber_file import Line, read
from services.subscriber_import import place_of, take_in
from store import job, subscriber_match
from store.job import Job
from ui.language import gettext as _
from ui.language import language
from worker.document_means import Means, Progress, Refused
from worker.document_sheet import Columns, Sheet

CHUNK = 50
"""Rows of one transaction: a file under way holds up nobody who makes a card by hand."""

GONE = "Файл уже не хранится. Загрузите его снова: что было загружено, не задвоится."


async def write(means: Means, row: Job, path: Path, progress: Progress) -> None:
    """Take in the rows of the file, and write the report."""
    language.set(row.params["language"])
    lines = await lines_of(means, row)
    progress.total = len(lines)
    sheet = Sheet(path, means.zone, _("Отчёт о загрузке"), columns())
    counted: Counter[RowResult] = Counter()
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        done = await take_chunk(means, row, chunk, counted)
        counted.update(one.result for one in done)
        for one in done:
            sheet.add(one.line, _(ROW_WORDS[one.result]), one.name, "; ".join(map(_wrong, one.wrong)))
        progress.done += len(chunk)
    sheet.describe(row.params, [(_(ROW_WORDS[result]), counted[result]) for result in RowResult])
    await asyncio.to_thread(sheet.close)


def _wrong(told_of: tuple[str, str]) -> str:
    word, sentence = told_of
    return f"{_(word)}: {told(sentence, _)}" if word else told(sentence, _)


async def lines_of(means: Means, row: Job) -> list[Line]:
    """Return the rows of the file, from where it lies."""
    try:
        content = await means.objects.get(place_of(row.id))
    except FileNotFoundError:
        raise Refused(GONE) from None
    try:
        return await asyncio.to_thread(read, content)
    except Invalid as refusal:
        raise Refused(refusal.words) from None


async def take_chunk(means: Means, row: Job, chunk: list[Line], counted: Counter[RowResult]) -> list[Row]:
    """Take in some rows and what they came to, in one transaction: of a stopped run each chunk is there or not."""
    async with means.database.transaction() as session:
        await subscriber_match.lock(session)
        done = [await take_in(session, row.employee_id, line, typed) for line, typed in chunk]
        await job.count(session, row, counted + Counter(one.result for one in done))
    return done


async def forget(means: Means, row: Job) -> None:
    """Remove the file of a job that is over."""
    await means.objects.delete([place_of(row.id)])


async def clean(means: Means) -> None:
    """Remove the files of jobs that are over and that nobody removed: cancelled in the queue, ended by a death."""
    async with means.database.transaction() as session:
        over = await job.list_over_imports(session)
    await means.objects.delete([place_of(job_id) for job_id in over])


def columns() -> Columns:
    """Return the headings of the report, and their widths."""
    return [(_("Строка"), 10), (_("Результат"), 28), (_("ФИО или название"), 40), (_("Что не так"), 100)]
