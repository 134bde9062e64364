"""The register of subscribers as an XLSX: page after page, as the list shows it."""

import asyncio
from pathlib import Path

from schemas.phone import shown
from schemas.subscriber import TYPE_WORDS
from schemas.subscriber_register import RegisterFilter, RegisterPage, RegisterRow
from store import subscriber_register as register
from store.job import Job
from ui.language import gettext as _
from ui.language import language
from worker.document_means import Means, Progress
from worker.document_sheet import Columns, Sheet

PAGE = 500


async def write(means: Means, row: Job, path: Path, progress: Progress) -> None:
    """Write the cards that the order's filter finds, in the order of names."""
    language.set(row.params["language"])
    wanted = RegisterFilter.model_validate(row.params["filter"])
    async with means.database.transaction() as session:
        progress.total = await register.count_rows(session, wanted)
    sheet = Sheet(path, means.zone, _("Абоненты"), columns())
    page: RegisterPage | None = RegisterPage(size=PAGE)
    while page:
        async with means.database.transaction() as session:
            found = await register.list_rows(session, wanted, page)
        for card in found.rows:
            sheet.add(*cells(card.shown(sees_phones=True)))
        progress.done += len(found.rows)
        page = RegisterPage(size=PAGE, after=found.rows[-1].id) if found.has_next else None
    sheet.describe(row.params, [(_("Строк"), sheet.height)])
    await asyncio.to_thread(sheet.close)


def columns() -> Columns:
    """Return the headings as the page has them, and their widths."""
    return [
        (_("ФИО или название"), 40),
        (_("Тип абонента"), 10),
        (_("Дата рождения"), 14),
        (_("СНИЛС"), 18),
        (_("ИНН"), 16),
        (_("Мобильный телефон"), 20),
        (_("Контактный телефон"), 20),
        (_("Регион"), 28),
        (_("Последний звонок"), 20),
    ]


def cells(card: RegisterRow) -> list[object]:
    """Return a card as a row."""
    phones = [shown(number) if number else None for number in (card.mobile_phone, card.contact_phone)]
    keys = [card.birth_date, card.snils, card.inn]
    return [card.full_name, _(TYPE_WORDS[card.type]), *keys, *phones, card.region, card.last_call_at]
