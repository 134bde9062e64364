"""A file of subscribers, XLSX or CSV: its rows as they are typed, and an empty one to fill in."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from xlsxwriter import Workbook

from schemas.errors import Invalid
from schemas.subscriber import FIELD_WORDS, TYPE_WORDS

Line = tuple[int, dict[str, str]]
"""The number of a line as the person's own program shows it, and what stands in it: {field: text}."""

MOST_ROWS = 20_000
MOST_COLUMNS = 50
MOST_EMPTY = 1000
LARGEST_UNPACKED = 150 * 2**20
ZIP = b"PK\x03\x04"
NAMES = {"фио": "full_name", "название": "full_name", "тип": "type", "огрнип": "ogrn", "e-mail": "email"}
LENGTHS = {"snils": (11,), "inn": (10, 12), "kpp": (9,)}
"""Digits of what a table keeps as a number, and so without its first zero."""

NOT_A_TABLE = "Файл не похож ни на XLSX, ни на CSV. Сохраните таблицу в одном из этих видов и загрузите снова."
BROKEN = "Файл повреждён: его не удалось прочитать. Сохраните таблицу заново и загрузите снова."
TOO_WIDE = "Таблица после распаковки слишком велика. Разделите её на несколько файлов."
TOO_LONG = "В файле больше строк, чем загружается за раз ({most}). Разделите его на несколько файлов."
NO_HEAD = "В файле нет столбца «ФИО или название». Возьмите шаблон и заполните его."
STRANGE_HEAD = "Столбец «{name}» не знаком. Назовите столбцы как в шаблоне."
TWO_HEADS = "Столбец «{name}» встречается дважды."
NOTHING = "В файле нет ни одной заполненной строки."


def check(content: bytes) -> None:
    """Refuse in words what is no such file, by its heading and its first filled line: the rest takes time."""
    if next(_lines(content), None) is None:
        raise Invalid(NOTHING)


def read(content: bytes) -> list[Line]:
    """Return the filled lines of a file under its heading; refuse in words what is no such file."""
    found = list(_lines(content))
    if not found:
        raise Invalid(NOTHING)
    return found


def _lines(content: bytes) -> Iterator[Line]:
    cells = _xlsx(content) if content.startswith(ZIP) else _csv(content)
    lines = enumerate(cells, 1)
    _, head = next(lines, (0, ()))
    fields, filled = _fields(head), 0
    for nth, row in lines:
        values = {name: text for name, cell in zip(fields, row, strict=False) if name and (text := _text(name, cell))}
        filled += bool(values)
        if filled > MOST_ROWS or nth > filled + MOST_EMPTY:
            raise Invalid(TOO_LONG, most=str(MOST_ROWS))
        if values:
            yield nth, values


def _fields(head: Iterable[Any]) -> list[str]:
    """Return the field of each column; one without a heading has none."""
    known = NAMES | {word.lower(): name for name, word in FIELD_WORDS.items()}
    fields: list[str] = []
    for cell in head:
        title = " ".join(str(cell).split()) if cell is not None else ""
        field = known.get(title.lower(), "") if title else ""
        if title and not field:
            raise Invalid(STRANGE_HEAD, name=title[:60])
        if field and field in fields:
            raise Invalid(TWO_HEADS, name=title)
        fields.append(field)
    if "full_name" not in fields:
        raise Invalid(NO_HEAD)
    return fields


def _text(field: str, cell: Any) -> str:
    """Return a cell as it would be typed."""
    if isinstance(cell, datetime | date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and field in LENGTHS:
        digits = str(cell)
        return digits.zfill(next((length for length in LENGTHS[field] if len(digits) <= length), 0))
    return " ".join(str(cell).replace("\x00", "").split()) if cell is not None else ""


def _xlsx(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise Invalid(TOO_WIDE)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
    except Invalid:
        raise
    except Exception as error:  # whatever stands in a strange archive, the library has an exception of its own for it
        raise Invalid(BROKEN) from error


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise Invalid(BROKEN) from error


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise Invalid(NOT_A_TABLE)
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(NOT_A_TABLE)


def make_template() -> bytes:
    """Return an empty file to fill in: its heading, and a sheet that says what goes where."""
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Абоненты")
        for place, word in enumerate(FIELD_WORDS.values()):
            sheet.set_column(place, place, max(16, len(word) + 2), text)
            sheet.write_string(0, place, word, head)
        sheet.freeze_panes(1, 0)
        sheet.data_validation(1, 0, MOST_ROWS, 0, {"validate": "list", "source": list(TYPE_WORDS.values())})
        about = book.add_worksheet("Как заполнить")
        about.set_column(0, 0, 110)
        for place, line in enumerate(RULES):
            about.write_string(place, 0, line)
    return made.getvalue()


RULES = (
    "Первая строка — названия столбцов. Обязателен только столбец «ФИО или название»; лишние столбцы можно убрать.",
    "Тип абонента: ФЛ, ЮЛ или ИП; пустая ячейка — ФЛ.",
    "Дата рождения: ДД.ММ.ГГГГ. Телефоны: в любом виде, например 8 (916) 123-45-67.",
    "Абонента с тем же СНИЛС или ИНН загрузка обновит; пустая ячейка ничего не стирает.",
    "Без СНИЛС и ИНН абонент добавляется; если похожий уже есть, строка попадёт в отчёт как сомнительная.",
    "Один и тот же файл можно загрузить дважды: ничего не задвоится.",
)
