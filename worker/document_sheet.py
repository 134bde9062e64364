"""A plain XLSX of a document: a heading, rows of texts and times, no text ever taken for a formula."""

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from ui.language import gettext as _

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
Columns = Sequence[tuple[str, int]]
"""Headings and their widths."""


class Sheet:
    """The workbook of one document."""

    def __init__(self, path: Path, zone: ZoneInfo, title: str, columns: Columns) -> None:
        self.path, self.zone, self.width, self.height = path, zone, len(columns), 0
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = Workbook(str(path), options)
        self.head = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.moment = self.book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        self.day = self.book.add_format({"num_format": "dd.mm.yyyy"})
        self.quoted = self.book.add_format({"quote_prefix": True})
        self.rows: Worksheet = self.book.add_worksheet(title)
        for place, (label, width) in enumerate(columns):
            self.rows.set_column(place, place, width)
            self.rows.write_string(0, place, label, self.head)
        self.rows.freeze_panes(1, 0)

    def add(self, *cells: Any) -> None:
        """Write one row."""
        self.height += 1
        for place, value in enumerate(cells):
            self.write(self.rows, (self.height, place), value)

    def write(self, sheet: Worksheet, place: tuple[int, int], value: Any) -> None:
        """Write one cell by its type; a text that looks like a formula is marked as text for good."""
        if isinstance(value, datetime):
            sheet.write_datetime(*place, value.astimezone(self.zone).replace(tzinfo=None), self.moment)
        elif isinstance(value, date):
            sheet.write_datetime(*place, value, self.day)
        elif isinstance(value, int):
            sheet.write_number(*place, value)
        elif value:
            sheet.write_string(*place, value, self.quoted if value.startswith(FORMULA_SIGNS) else None)

    def describe(self, params: dict[str, Any], lines: Sequence[tuple[str, Any]]) -> None:
        """Write a second sheet that says what was asked for, by whom and when, and what it came to."""
        sheet = self.book.add_worksheet(_("Условия"))
        sheet.set_column(0, 1, 40)
        said = [(_("Составил"), params["by"]), (_("Составлен"), datetime.now(self.zone))]
        said += [(_(label), words) for label, words in params["conditions"]]
        for height, (label, value) in enumerate([*said, *lines]):
            sheet.write_string(height, 0, label, self.head)
            self.write(sheet, (height, 1), value)

    def close(self) -> None:
        """Finish the file and have it on the disk."""
        self.rows.autofilter(0, 0, max(1, self.height), self.width - 1)
        self.book.close()
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
