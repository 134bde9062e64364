"""Writes a new revision from the tables, or proves that none is missing, on a database of its own."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from worker.migrate import migrate, with_alembic
from worker.place import Place
from worker.postgres import APP, OWNER, Postgres


async def revise(message: str) -> None:
    """Autogenerate `message` against the newest revision."""

    def write(connection: Connection, config: Config) -> None:
        command.revision(config, message=message, autogenerate=True)

    await on_fresh_database(write)


async def check() -> None:
    """Fail when the tables say something that no revision does."""

    def compare(connection: Connection, config: Config) -> None:
        command.check(config)

    await on_fresh_database(compare)


async def on_fresh_database(act: Callable[[Connection, Config], Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.claim()
        postgres = Postgres(place, hasty=True)
        await postgres.start()
        try:
            await migrate(postgres.url(OWNER), postgres.url(APP))
            await with_alembic(postgres.url(OWNER), act)
        finally:
            await postgres.process.stop()


def main() -> None:
    message = " ".join(sys.argv[1:])
    try:
        asyncio.run(check() if message == "--check" else revise(message))
    except CommandError as error:
        sys.exit(f'Таблицы и миграции расходятся: {error}. Напишите миграцию: make migration m="что изменилось".')


if __name__ == "__main__":
    main()
