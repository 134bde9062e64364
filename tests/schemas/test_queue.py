"""The greeting that a queue gives its operators."""

from datetime import datetime

import pytest

from schemas.queue import called, greeting_of


@pytest.mark.parametrize(
    ("full_name", "name"),
    [
        ("Ольга Петровна Смирнова", "Ольга Петровна"),
        ("Смирнова Ольга Петровна", "Ольга Петровна"),
        ("Пётр Ильич Ёлкин", "Пётр Ильич"),
        ("Алёна Кузьминична Ким", "Алёна Кузьминична"),
        ("Тимур Гайнутдинов", "Тимур Гайнутдинов"),
        ("Ирина Вич", "Ирина Вич"),
    ],
)
def test_an_operator_is_called_by_name_and_patronymic(full_name: str, name: str) -> None:
    assert called(full_name) == name


@pytest.mark.parametrize(
    ("hour", "words"),
    [(4, "Доброй ночи"), (5, "Доброе утро"), (12, "Добрый день"), (22, "Добрый вечер"), (23, "Доброй ночи")],
)
def test_the_hour_chooses_the_words(hour: int, words: str) -> None:
    at = datetime.fromisoformat(f"2026-11-23T{hour:02d}:30:00+03:00")
    assert greeting_of("{time_of_day}, {operator}! {x}", "Ольга Смирнова", at) == f"{words}, Ольга Смирнова! {{x}}"
