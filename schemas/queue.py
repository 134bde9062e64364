"""Queue: what a caller waits in, and the rules that its calls follow."""

import re
from datetime import datetime
from uuid import UUID

from schemas.base import Value
from schemas.desk import DeskStatus


class QueuePolicy(Value):
    """Rules of a queue, copied into a call when it begins: a later change hits new calls only. Seconds.

    An outbound call has no queue and no limits.
    """

    queue_id: UUID | None = None
    name: str = ""
    ring_seconds: int = 20
    misses_to_break: int = 3
    post_processing_seconds: int | None = None
    wait_seconds: int | None = None
    choice_seconds: int = 60
    after_lapse: DeskStatus | None = None


_LETTERS = r"\w+"
_PATRONYMIC = re.compile(rf"{_LETTERS}(вич|вна|ична|ьич|мич|тич)", re.IGNORECASE)
_HOURS = ((5, "Доброй ночи"), (12, "Доброе утро"), (18, "Добрый день"), (23, "Добрый вечер"), (24, "Доброй ночи"))


def greeting_of(script: str, operator: str, at: datetime) -> str:
    """Return the words to say; `at` is told by the clock of the office. Unknown blanks stay as they are."""
    time_of_day = next(words for until, words in _HOURS if at.hour < until)
    return script.replace("{operator}", called(operator)).replace("{time_of_day}", time_of_day)


def called(full_name: str) -> str:
    """Return the name and patronymic, whichever end the surname stands at; another name stays whole."""
    parts = full_name.split()
    place = next((i for i, part in enumerate(parts) if i and _PATRONYMIC.fullmatch(part)), None)
    return full_name if place is None else " ".join(parts[place - 1 : place + 1])
