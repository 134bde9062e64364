"""Recording: a talk as its operator's browser recorded it, in pieces, and as it is played."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Value


class RecordingState(StrEnum):
    """Life of a recording: its pieces come, they are joined; a recording kept long enough is expired."""

    OPEN = "open"
    JOINED = "joined"
    FAILED = "failed"
    EXPIRED = "expired"


class Piece(Value):
    """One piece of a recording, `seq` counted from 0; `age` is how many seconds ago the recording began."""

    recording_id: UUID
    seq: int = Field(ge=0, le=20_000)
    age: float = Field(ge=0, le=86_400)
    is_last: bool = False


class Joined(Value):
    """What the pieces came to: an object, how long it plays, and the pieces that are not in it."""

    object: str
    size: int
    seconds: float
    lost: tuple[int, ...] = ()


class RecordingView(Value):
    """A recording as those who may listen see it; `lost` counts the pieces that never came, from 1."""

    id: UUID
    call_id: UUID
    employee: str
    started_at: datetime
    ended_at: datetime | None
    seconds: float | None
    state: RecordingState
    lost: tuple[int, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it can be played."""
        return self.seconds is not None and self.state is not RecordingState.EXPIRED


class SoundFile(Value):
    """Where a sound lies, and what its player must know beforehand."""

    object: str
    size: int
    media_type: str = "audio/webm"
