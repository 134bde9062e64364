"""What is wrong with a typed value, in words: one table for forms and the API (gettext msgids)."""

from collections.abc import Iterable, Mapping
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


def sentence_of(error: Mapping[str, Any]) -> str:
    """Return the sentence for one error of pydantic, its blanks filled by `blanks_of`."""
    if error["type"] in ("string_too_short", "too_short") and error.get("ctx", {}).get("min_length") == 1:
        return EMPTY
    if error["type"] == "value_error":
        return str(error["ctx"]["error"]) if "error" in error.get("ctx", {}) else OTHER
    return SENTENCES.get(error["type"], OTHER)


def blanks_of(error: Mapping[str, Any]) -> dict[str, str]:
    """Return what fills the blanks of the sentence."""
    return {name: str(value) for name, value in error.get("ctx", {}).items()}


def invalid(error: ValidationError) -> Invalid:
    """Return the refusal of a form: each field once, with its first sentence."""
    return Invalid(fields=fields_of(error.errors()))


def fields_of(errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return {field: sentence}, blanks filled."""
    fields: dict[str, str] = {}
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else ""
        fields.setdefault(name, sentence_of(error).format_map(Blanks(blanks_of(error))))
    return fields


class Blanks(dict[str, str]):
    """A blank that nobody fills stays empty: a sentence never fails."""

    def __missing__(self, name: str) -> str:
        return ""
