"""Subscribers from a file: what became of each row."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True)
class Row:
    """A row of the file: its line there, whose it is, what became of it, and what is wrong: (field's word, sentence).

    No Pydantic value: it would make plain text of a sentence that remembers its blanks.
    """

    line: int
    name: str
    result: RowResult
    wrong: tuple[tuple[str, str], ...] = ()
