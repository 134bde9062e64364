"""Job: a document that is being made, as its owner sees it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Value


class JobKind(StrEnum):
    """What is made."""

    JOURNAL = "journal"
    SUBSCRIBERS = "subscribers"
    IMPORT = "import"


class JobState(StrEnum):
    """Life of a job; a file that was kept long enough is expired."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN_JOB = (JobState.QUEUED, JobState.RUNNING)

JOB_WORDS = {
    JobState.QUEUED: "В очереди на подготовку",
    JobState.RUNNING: "Готовим файл",
    JobState.DONE: "Файл готов",
    JobState.FAILED: "Файл не получился",
    JobState.CANCELLED: "Подготовка файла отменена",
    JobState.EXPIRED: "Срок хранения файла истёк",
}

IMPORT_WORDS = {JobState.QUEUED: "В очереди на загрузку", JobState.RUNNING: "Загружаем файл"}
"""What an import says instead."""

BROKEN = "Не удалось подготовить файл. Попробуйте ещё раз."
NO_ROOM = "На сервере нет места для файла. Сообщите администратору."
TOO_LONG = "Строк больше, чем помещается в один файл. Сузьте период или фильтры."


class JobView(Value):
    """A job as its owner sees it; `error` is a sentence, `result` what an import counted."""

    id: UUID
    kind: JobKind
    state: JobState
    done: int
    total: int | None
    file_name: str
    error: str | None
    is_cancelling: bool
    result: Mapping[str, int] = Field(default_factory=dict)
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still being made."""
        return self.state in OPEN_JOB

    @property
    def words(self) -> str:
        """Return the state in words (gettext msgid)."""
        if self.is_cancelling and self.is_open:
            return "Отменяем…"
        return (
            IMPORT_WORDS.get(self.state, JOB_WORDS[self.state])
            if self.kind is JobKind.IMPORT
            else JOB_WORDS[self.state]
        )

    @property
    def percent(self) -> int | None:
        """Return how much is made, when that is known."""
        return min(100, self.done * 100 // self.total) if self.total else None


class JobFile(Value):
    """Where a finished document lies, below the folder of documents, and its name for people."""

    path: str
    name: str
