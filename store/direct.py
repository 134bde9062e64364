"""A session whose everyday statements go straight to the driver (ADR 0024).

A call is served by some eighty short statements. Through every layer of the ORM each costs a quarter of a millisecond
(a locked read and a write of a row: one and a half), of which PostgreSQL has a tenth. What is written as text, a row
by its key and the change of a row skip the layers here; everything else goes the usual way, in the same transaction.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, TextClause, select, text
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import NullType
from sqlmodel import SQLModel

from store.direct_row import DIALECT, placed, plan, shape_of

Thing = TypeVar("Thing", bound=SQLModel)


class Rows(IteratorResult[Any]):
    """What a statement returned."""

    def __init__(self, names: tuple[str, ...], rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(_metadata(names), map(tuple, rows))
        self.rowcount = rowcount


class DirectSession(AsyncSession):
    """The ORM's session, with short ways for what is asked often."""

    _of: SessionTransaction | None = None
    _connection: Connection | None = None

    async def execute(self, statement: Any, params: Any = None, **others: Any) -> Any:
        """Run a statement; one that is a text takes the short way."""
        await self._flush_if_changed()
        written = _written(statement) if isinstance(statement, TextClause) and not others else None
        if written is None or not isinstance(params, dict | None):
            return await super().execute(statement, params, **others)
        sql, names = written
        return await self._ask(sql, [params[name] for name in names] if params else ())

    async def get(self, entity: Any, ident: Any, **how: Any) -> Any:
        """Return the row of this key, or None; a locked one is always read anew."""
        shape = shape_of(entity)
        is_locked = how.get("with_for_update", False)
        is_usual = is_locked in (True, False, None) and not how.keys() - {"with_for_update", "populate_existing"}
        if shape is None or not is_usual or not shape.is_simple_key(ident):
            return await super().get(entity, ident, **how)
        known = self.sync_session.identity_map.get(shape.key_of(ident))
        if known is not None and not is_locked and not how.get("populate_existing"):
            return known
        await self._flush_if_changed()
        rows = await self._ask(shape.select_locked if is_locked else shape.select, [ident])
        found = rows.first()
        return None if found is None else placed(self.sync_session, shape, found._mapping)

    async def get_one(self, entity: Any, ident: Any, **how: Any) -> Any:
        """Return the row of this key."""
        found = await self.get(entity, ident, **how)
        if found is None:
            raise NoResultFound("No row was found for this key")
        return found

    async def flush(self, objects: Any = None) -> None:
        """Write what was added and changed, row by row; what is not that simple is left to the ORM."""
        writes = plan(self.sync_session) if objects is None else None
        if writes is None:
            await super().flush(objects)
            return
        for write in writes:
            rows = await self._ask(write.sql, write.values)
            if rows.rowcount != 1:
                raise StaleDataError("The row is not there any more")
            write.note(self.sync_session, rows.mappings().first())

    async def load(self, kind: type[Thing], statement: TextClause, params: dict[str, Any]) -> list[Thing]:
        """Return rows of one table (`SELECT *`) as they stand in the database now."""
        shape = shape_of(kind)
        assert shape is not None
        rows = await self.execute(statement, params)
        return [placed(self.sync_session, shape, row) for row in rows.mappings()]

    async def _flush_if_changed(self) -> None:
        session = self.sync_session
        if session.new or session.dirty or session.deleted:
            await self.flush()

    async def _connected(self) -> Connection:
        """Return the connection of this transaction."""
        if self._of is None or self._of is not self.sync_session.get_transaction():
            self._connection = (await self.connection()).sync_connection
            self._of = self.sync_session.get_transaction()
        assert self._connection is not None
        return self._connection

    async def _ask(self, sql: str, values: Sequence[Any]) -> Rows:
        connection = await self._connected()
        adapted: Any = connection.connection.dbapi_connection
        cursor = adapted.cursor()
        told = (connection, cursor, sql, values, None, False)
        connection.dispatch.before_cursor_execute(*told)
        try:
            await cursor._prepare_and_execute(sql, values)  # begins the transaction, too
        except BaseException as error:
            await self.run_sync(_fail, connection, error, sql)
        connection.dispatch.after_cursor_execute(*told)
        names = tuple([column[0] for column in cursor.description or ()])
        return Rows(names, cursor._rows, cursor.rowcount)


async def load(session: AsyncSession, kind: type[Thing], statement: TextClause, params: dict[str, Any]) -> list[Thing]:
    """Return rows of one table (`SELECT *`) as they stand in the database now, over any session."""
    if isinstance(session, DirectSession):
        return await session.load(kind, statement, params)
    whole = select(kind).from_statement(statement).execution_options(populate_existing=True)
    return list((await session.execute(whole, params)).scalars())


def _fail(session: Session, connection: Connection, error: BaseException, sql: str) -> None:
    """Let a failure pass through the library's own translation, its events and its care for broken connections."""
    is_told = isinstance(error, connection.dialect.loaded_dbapi.Error)
    try:
        raise error
    except BaseException as raised:
        connection._handle_dbapi_exception(raised, sql if is_told else None, None, None, None)


def _written(statement: TextClause) -> tuple[str, tuple[str, ...]] | None:
    """Return the statement as the driver takes it, and the names of its parameters; None when they have types."""
    binds = statement._bindparams.values()
    is_plain = all(isinstance(bind.type, NullType) and bind.required for bind in binds)
    return _compiled(statement.text) if is_plain else None


@lru_cache(2000)
def _compiled(written: str) -> tuple[str, tuple[str, ...]]:
    compiled = text(written).compile(dialect=DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())


@lru_cache(2000)
def _metadata(names: tuple[str, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData(names)
