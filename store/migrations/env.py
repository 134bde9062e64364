"""Alembic's side of a migration; the connection comes from worker/migrate.py."""

import pkgutil
from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

import store

for module in pkgutil.iter_modules(store.__path__):
    if not module.ispkg:
        import_module(f"store.{module.name}")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
