"""The embedded services together: real PostgreSQL, Valkey and Temporal below one folder."""

import asyncio
from dataclasses import dataclass

from worker.place import Place
from worker.postgres import APP, OWNER, Postgres
from worker.temporal_server import TemporalServer
from worker.valkey import Valkey


@dataclass
class Stack:
    """What `pult up` and the tests stand on."""

    place: Place
    postgres: Postgres
    valkey: Valkey
    temporal: TemporalServer

    @classmethod
    def at(cls, place: Place, hasty: bool = False) -> "Stack":
        """The services of a claimed place; hasty ones trade durability for speed and show no pages."""
        return cls(place, Postgres(place, hasty), Valkey(place), TemporalServer(place, with_pages=not hasty))

    @property
    def services(self) -> tuple[Postgres, Valkey, TemporalServer]:
        return self.postgres, self.valkey, self.temporal

    async def start(self) -> None:
        """All at once; if one fails, the others are stopped and its trouble is told."""
        try:
            async with asyncio.TaskGroup() as group:
                for service in self.services:
                    group.create_task(service.start())
        except ExceptionGroup as failed:
            await self.stop()
            raise failed.exceptions[0] from None

    async def stop(self) -> None:
        """Last the one that holds the truth."""
        for service in reversed(self.services):
            await service.process.stop()

    def environment(self) -> dict[str, str]:
        """The settings that lead a process of ours to these services."""
        return {
            "DATABASE__URL": self.postgres.url(APP),
            "DATABASE__OWNER_URL": self.postgres.url(OWNER),
            "VALKEY__URL": self.valkey.url(),
            "TEMPORAL__ADDRESS": self.temporal.address,
            "TEMPORAL__NAMESPACE": self.temporal.namespace,
            "SECURITY__PAYLOAD_KEY": self.place.payload_key(),
            "SECURITY__PEPPER": self.place.password("pepper"),
            "STORAGE__PATH": str(self.place.folder("files")),
        }
