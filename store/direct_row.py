"""Rows of one table as the ORM's objects, read and written one by one for store/direct.py."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Float, Numeric, RowMapping, inspect
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value
from sqlalchemy.sql import ClauseElement

DIALECT = asyncpg_dialect(dbapi=asyncpg_dialect.import_dbapi())  # type: ignore[no-untyped-call]
Convert = Callable[[Any], Any]


class _Field(NamedTuple):
    """An attribute, its column, and how its values go in and out."""

    name: str
    column: Any
    into: Convert | None
    out_of: Convert | None
    default: Any
    is_filled: bool

    def bound(self, value: Any) -> Any:
        """Return the value as the driver takes it."""
        return self.into(value) if self.into else value

    def read(self, value: Any) -> Any:
        """Return the driver's value as the attribute has it."""
        return self.out_of(value) if self.out_of else value

    def first(self, value: Any) -> Any:
        """Return the value of a new row."""
        return self.default if value is None else value


def _field(name: str, column: Any) -> _Field:
    kind = column.type.dialect_impl(DIALECT)
    default = column.default.arg if column.default is not None else None
    is_filled = column.primary_key or column.server_default is not None  # by the database, when we say nothing
    into, out_of = kind.bind_processor(DIALECT), kind.result_processor(DIALECT, None)
    return _Field(name, column, into, out_of, default, is_filled)


class Shape:
    """A table whose rows are written one by one: one table, a simple key, no defaults made in Python."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        table: Any = mapper.local_table
        self.mapper, self.table = mapper, table.name
        self.place = list(table.metadata.sorted_tables).index(table)
        self.keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self.fields = {prop.key: _field(prop.key, prop.columns[0]) for prop in mapper.column_attrs}
        self.by_column = {field.column.name: field for field in self.fields.values()}
        self.select = f"SELECT * FROM {table.name} WHERE {mapper.primary_key[0].name} = $1"
        self.select_locked = f"{self.select} FOR UPDATE"

    def is_simple_key(self, ident: Any) -> bool:
        return len(self.keys) == 1 and not isinstance(ident, tuple | dict)

    def key_of(self, *ident: Any) -> Any:
        return self.mapper.identity_key_from_primary_key(ident)

    @lru_cache(500)  # noqa: B019 (there are as many shapes as tables)
    def insert(self, names: tuple[str, ...]) -> str:
        """Return the statement that adds a row with these attributes and returns the others."""
        given = ", ".join(self.fields[name].column.name for name in names)
        marks = ", ".join(f"${nth}" for nth in range(1, len(names) + 1))
        others = [field.column.name for field in self.fields.values() if field.name not in names]
        returning = f" RETURNING {', '.join(others)}" if others else ""
        return f"INSERT INTO {self.table} ({given}) VALUES ({marks}){returning}"

    @lru_cache(500)  # noqa: B019
    def update(self, names: tuple[str, ...]) -> str:
        """Return the statement that changes these attributes of one row."""
        changes = ", ".join(f"{self.fields[name].column.name} = ${nth}" for nth, name in enumerate(names, 1))
        keys = (f"{self.fields[name].column.name} = ${nth}" for nth, name in enumerate(self.keys, len(names) + 1))
        return f"UPDATE {self.table} SET {changes} WHERE {' AND '.join(keys)}"


@cache
def shape_of(kind: Any) -> Shape | None:
    """Return how this table's rows are read and written; None when it is not that simple."""
    mapper: Any = inspect(kind)
    columns = list(mapper.columns)
    if any(isinstance(one.type, Numeric | Float) for one in columns):  # read by what the database has made of them
        return None
    is_plain = len(mapper.tables) == 1 and not mapper.relationships and not mapper.polymorphic_on
    is_plain = is_plain and mapper.version_id_col is None and len(mapper.column_attrs) == len(mapper.attrs)
    if not is_plain or any(one.onupdate is not None or (one.default and not one.default.is_scalar) for one in columns):
        return None
    return Shape(mapper)


def placed(session: Session, shape: Shape, row: Any) -> Any:
    """Return the session's object of this row, with the values that the row has now."""
    values = {}
    for name, value in row.items():
        field = shape.by_column.get(name)
        if field is not None:
            values[field.name] = field.read(value)
    known = session.identity_map.get(shape.key_of(*(values[name] for name in shape.keys)))
    if known is not None:
        instance_dict(known).update(values)
        _settle(session, known)
        return known
    thing = shape.mapper.class_manager.new_instance()
    instance_dict(thing).update(values)
    make_transient_to_detached(thing)
    session.add(thing)
    return thing


def _settle(session: Session, thing: object) -> None:
    """Take the object's values for those of the database."""
    instance_state(thing)._commit_all(instance_dict(thing), session.identity_map)


class Write(NamedTuple):
    """One row to be added or changed, in the order of the tables that refer to each other."""

    order: tuple[Any, ...]
    thing: Any
    shape: Shape
    sql: str
    values: list[Any]
    is_new: bool

    def note(self, session: Session, row: RowMapping | None) -> None:
        """Let the object know that it is in the database, and what the database has added."""
        if not self.is_new:
            _settle(session, self.thing)
            return
        for name, value in (row or {}).items():
            field = self.shape.by_column[name]
            set_committed_value(self.thing, field.name, field.read(value))
        session.expunge(self.thing)
        make_transient_to_detached(self.thing)
        session.add(self.thing)


def plan(session: Session) -> list[Write] | None:
    """Return what a flush has to write; None when that takes more than a statement a row."""
    if session.deleted:
        return None
    writes = [_insert(nth, thing) for nth, thing in enumerate(session.new)]
    writes += [_update(session, thing) for thing in session.dirty]
    if any(write is None for write in writes):
        return None
    return sorted((write for write in writes if write and write.sql), key=lambda write: write.order)


def _insert(nth: int, thing: Any) -> Write | None:
    shape = shape_of(type(thing))  # type: ignore[arg-type]
    if shape is None:
        return None
    values = instance_dict(thing)
    made = {
        name: value
        for name, field in shape.fields.items()
        if (value := field.first(values.get(name))) is not None or not field.is_filled
    }
    if not _are_plain(shape, made):
        return None
    sql = shape.insert(tuple(made))
    bound = [shape.fields[name].bound(value) for name, value in made.items()]
    return Write((shape.place, 0, nth), thing, shape, sql, bound, True)


def _update(session: Session, thing: Any) -> Write | None:
    shape = shape_of(type(thing))  # type: ignore[arg-type]
    state, values = instance_state(thing), instance_dict(thing)
    if shape is None:
        return None
    changed = {name: values[name] for name, before in state.committed_state.items() if values[name] != before}
    if not _are_plain(shape, changed) or any(name in changed for name in shape.keys):
        return None
    if not changed:
        _settle(session, thing)
        return Write((), thing, shape, "", [], False)
    assert state.key is not None
    key = state.key[1]
    bound = [shape.fields[name].bound(value) for name, value in changed.items()]
    return Write((shape.place, 1, key), thing, shape, shape.update(tuple(changed)), [*bound, *key], False)


def _are_plain(shape: Shape, values: dict[str, Any]) -> bool:
    """Whether these are values, not expressions; a None that a type writes as something else is left to the ORM."""
    return not any(
        isinstance(value, ClauseElement) or (value is None and shape.fields[name].column.type.should_evaluate_none)
        for name, value in values.items()
    )
