"""What every table of the product shares: search, column filters, keyset pages, all of it in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

LONGEST_SEARCH = 200
MOST_VALUES = 100


class Params(Protocol):
    """What `request.query_params` is to us."""

    def get(self, key: str, default: str, /) -> str: ...

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True)
class FilterValue:
    """One tick of a column's filter."""

    value: str
    label: str
    checked: bool = False


@dataclass(frozen=True)
class Column:
    """`css` of th and td alike: `num` figures, `text` may be cut, `rest` takes what is left."""

    key: str
    label: str
    options: Sequence[tuple[str, str]] = ()
    css: str = ""


@dataclass(frozen=True)
class TableQuery:
    """The state of a table as its address says it."""

    q: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    after: str = ""
    before: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, params: Params, columns: Sequence[Column], extra: Sequence[str] = ()) -> "TableQuery":
        """Only filterable columns and their own values count; anything else in the address is ignored."""
        chosen = {column.key: known_values(params.getlist(column.key), column) for column in columns}
        return cls(
            q=params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
            filters={key: values for key, values in chosen.items() if values},
            after=params.get("after", ""),
            before=params.get("before", ""),
            extra={key: params.get(key, "") for key in extra if params.get(key, "")},
        )


@dataclass(frozen=True)
class ShownColumn:
    """A column with the ticks of this request."""

    key: str
    label: str
    css: str
    filter: Sequence[FilterValue]

    @property
    def count(self) -> int:
        return sum(value.checked for value in self.filter)


@dataclass(frozen=True)
class TableView:
    """All that `_kit/table.html` needs; `live` names the event that refreshes it (`pult:calls`)."""

    id: str
    url: str
    query: TableQuery
    all_columns: Sequence[Column]
    next_after: str = ""
    prev_before: str = ""
    live: str = ""

    @property
    def columns(self) -> list[ShownColumn]:
        return [ShownColumn(column.key, column.label, column.css, self.ticks(column)) for column in self.all_columns]

    def ticks(self, column: Column) -> list[FilterValue]:
        chosen = self.query.filters.get(column.key, ())
        return [FilterValue(value, label, value in chosen) for value, label in column.options]

    @property
    def count_filters(self) -> int:
        return len(self.query.filters)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.q or self.query.filters)

    @property
    def current_url(self) -> str:
        return self.address(q=self.query.q, filtered=True, after=self.query.after, before=self.query.before)

    @property
    def reset_url(self) -> str:
        """All filters off; the search stays."""
        return self.address(q=self.query.q)

    @property
    def unsearched_url(self) -> str:
        """The search off; the filters stay."""
        return self.address(filtered=True)

    @property
    def start_url(self) -> str:
        """Neither search nor filters."""
        return self.address()

    @property
    def next_url(self) -> str:
        return self.address(q=self.query.q, filtered=True, after=self.next_after) if self.next_after else ""

    @property
    def prev_url(self) -> str:
        return self.address(q=self.query.q, filtered=True, before=self.prev_before) if self.prev_before else ""

    def address(self, q: str = "", filtered: bool = False, after: str = "", before: str = "") -> str:
        chosen = self.query.filters.items() if filtered else ()
        pairs = [("q", q), *self.query.extra.items(), *((key, value) for key, values in chosen for value in values)]
        pairs += [("after", after), ("before", before)]
        text = urlencode([(key, value) for key, value in pairs if value])
        return f"{self.url}?{text}" if text else self.url


def known_values(values: Sequence[str], column: Column) -> tuple[str, ...]:
    known = [value for value, _ in column.options]
    return tuple(value for value in known if value in values)[:MOST_VALUES]
