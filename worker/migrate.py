"""Brings the database to the newest revision, one migrator at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from worker.trouble import Trouble

ROOT = Path(__file__).parent.parent
# Trusted ones: the owner of a database may create them.
EXTENSIONS = ("btree_gist", "pg_trgm")
MIGRATION_LOCK = 20180513


async def migrate(owner_url: str, app_url: str) -> None:
    """Upgrade as the owner; whatever it creates may be read and written by the app's role."""
    app = make_url(app_url).username
    owner = make_url(owner_url).username

    def upgrade(connection: Connection, config: Config) -> None:
        for extension in EXTENSIONS:
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        # Revisions may take rights away again (the audit is append-only), so grants come first.
        if app != owner:
            grant(connection, str(app))
        command.upgrade(config, "head")

    await with_alembic(owner_url, upgrade)


async def with_alembic(url: str, act: Callable[[Connection, Config], Any]) -> None:
    """Run an Alembic command on one connection, alone: a second migrator waits for the first."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            await connection.run_sync(lambda sync: act(sync, alembic_config(sync)))
    except (OSError, DBAPIError) as error:
        raise Trouble(f"Не удалось обновить базу данных: {str(error).splitlines()[0]}") from error
    finally:
        await engine.dispose()


def alembic_config(connection: Connection) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "store" / "migrations"))
    config.attributes["connection"] = connection
    return config


def grant(connection: Connection, role: str) -> None:
    """Rights of the app's role on everything the owner will create."""
    connection.execute(text(f'GRANT USAGE ON SCHEMA public TO "{role}"'))
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        connection.execute(text(f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO "{role}"'))
