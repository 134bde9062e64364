"""What is wrong with a typed value, in words: one table for forms and the API (gettext msgids)."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from schemas.errors import Invalid

SENTENCES = {
    "missing": "Заполните это поле.",
    "extra_forbidden": "Такого поля нет.",
    "string_too_short": "Не короче, чем знаков: {min_length}.",
    "string_too_long": "Не длиннее, чем знаков: {max_length}.",
    "too_short": "Выберите не меньше, чем значений: {min_length}.",
    "too_long": "Выберите не больше, чем значений: {max_length}.",
    "string_type": "Введите текст.",
    "string_pattern_mismatch": "Неверный вид значения.",
    "enum": "Выберите одно из значений списка.",
    "literal_error": "Выберите одно из значений списка.",
    "bool_parsing": "Выберите «да» или «нет».",
    "bool_type": "Выберите «да» или «нет».",
    "int_parsing": "Введите целое число.",
    "int_type": "Введите целое число.",
    "int_from_float": "Введите целое число.",
    "float_parsing": "Введите число.",
    "greater_than": "Введите число больше {gt}.",
    "greater_than_equal": "Введите число не меньше {ge}.",
    "less_than": "Введите число меньше {lt}.",
    "less_than_equal": "Введите число не больше {le}.",
    "uuid_parsing": "Неверный идентификатор.",
    "uuid_type": "Неверный идентификатор.",
    "date_parsing": "Введите дату в виде ДД.ММ.ГГГГ.",
    "date_from_datetime_parsing": "Введите дату в виде ДД.ММ.ГГГГ.",
    "datetime_parsing": "Введите дату и время.",
    "datetime_from_date_parsing": "Введите дату и время.",
    "timezone_aware": "Укажите время с часовым поясом.",
    "list_type": "Передайте список значений.",
    "dict_type": "Передайте объект JSON.",
    "model_type": "Передайте объект JSON.",
    "model_attributes_type": "Передайте объект JSON.",
    "json_invalid": "Тело запроса не похоже на JSON.",
}
EMPTY = "Заполните это поле."
OTHER = "Недопустимое значение."


class Blanks(dict[str, str]):
    """A blank that nobody fills stays empty: a sentence never fails."""

    def __missing__(self, name: str) -> str:
        return ""


class Sentence(str):
    """A sentence with its blanks filled, which remembers the msgid, so that an edge may translate it."""

    msgid: str
    blanks: Mapping[str, str]

    def __new__(cls, msgid: str, blanks: Mapping[str, str] | None = None) -> "Sentence":
        sentence = super().__new__(cls, msgid.format_map(Blanks(blanks or {})))
        sentence.msgid, sentence.blanks = msgid, blanks or {}
        return sentence

    def told(self, translate: Callable[[str], str]) -> str:
        """Return it in another language."""
        return translate(self.msgid).format_map(Blanks(self.blanks))


def told(sentence: str, translate: Callable[[str], str]) -> str:
    """Return a plain msgid or a `Sentence` in another language."""
    return sentence.told(translate) if isinstance(sentence, Sentence) else translate(sentence)


def sentence_of(error: Mapping[str, Any]) -> Sentence:
    """Return the sentence for one error of pydantic."""
    ctx = error.get("ctx", {})
    if error["type"] in ("string_too_short", "too_short") and ctx.get("min_length") == 1:
        return Sentence(EMPTY)
    if error["type"] == "value_error" and "error" in ctx:
        return Sentence(str(ctx["error"]))
    return Sentence(SENTENCES.get(error["type"], OTHER), {name: str(value) for name, value in ctx.items()})


def invalid(error: ValidationError) -> Invalid:
    """Return the refusal of a form: each field once, with its first sentence."""
    fields: dict[str, str] = {}
    for problem in error.errors():
        fields.setdefault(str(problem["loc"][0]) if problem["loc"] else "", sentence_of(problem))
    return Invalid(fields=fields)
