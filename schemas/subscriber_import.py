"""Subscribers from a file: what became of each row."""

from enum import StrEnum

from schemas.base import Value


class RowResult(StrEnum):
    """What became of a row: see ROW_WORDS."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DOUBT = "doubt"
    WRONG = "wrong"


ROW_WORDS = {
    RowResult.ADDED: "Добавлен",
    RowResult.UPDATED: "Обновлён",
    RowResult.UNCHANGED: "Уже есть, без изменений",
    RowResult.DOUBT: "Сомнение: не загружен",
    RowResult.WRONG: "Ошибка: не загружен",
}


class Row(Value):
    """A row of the file: its line there, whose it is, what became of it, and what is wrong, in words."""

    line: int
    name: str
    result: RowResult
    words: tuple[str, ...] = ()
