"""What a document is made with, and what the one who makes it and the one who watches tell each other."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from config.settings import Settings
from store.live import Publisher, connect_valkey
from store.objects import Objects
from store.session import Database


class Refused(Exception):
    """The document cannot be made; the text is a sentence for its owner (gettext msgid)."""


@dataclass
class Progress:
    """How much of the document is made."""

    done: int = 0
    total: int | None = None


@dataclass(frozen=True)
class Means:
    """The database, the bus, the folder of documents and the zone that their times are told in; where sounds lie."""

    database: Database
    valkey: Redis
    folder: Path
    zone: ZoneInfo
    objects: Objects
    keep_recordings: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Means":
        valkey = connect_valkey(settings.valkey.url.get_secret_value())
        database = Database(settings.database.url.get_secret_value(), Publisher(valkey), pool_size=2)
        url, options = settings.storage.place
        return cls(
            database,
            valkey,
            settings.storage.path / "documents",
            ZoneInfo(settings.centre.zone),
            Objects.at(url, **options),
            timedelta(days=settings.recording.keep_days),
        )

    async def close(self) -> None:
        await self.database.close()
        await self.valkey.aclose()
