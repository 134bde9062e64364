"""The address of a table is its whole state."""

from starlette.datastructures import QueryParams

from ui.table import Column, TableQuery, TableView

COLUMNS = (
    Column("channel", "Тип канала", (("in", "Входящие"), ("out", "Исходящие"), ("missed", "Пропущенные"))),
    Column("reason", "Причина звонка", (("1", "Статус заявления"), ("2", "Жалоба"))),
    Column("comment", "Комментарий"),
)


def view(address: str, **more: str) -> TableView:
    query = TableQuery.read(QueryParams(address), COLUMNS, extra=("day",))
    return TableView(id="calls", url="/journal", query=query, all_columns=COLUMNS, **more)


def test_several_values_of_several_columns_are_read() -> None:
    query = view("q=+Иванова+&channel=in&channel=missed&reason=2").query
    assert query.q == "Иванова"
    assert query.filters == {"channel": ("in", "missed"), "reason": ("2",)}


def test_unknown_columns_and_values_are_ignored() -> None:
    assert view("channel=fax&comment=x&drop=table").query.filters == {}


def test_a_search_is_bounded_and_holds_no_null_byte() -> None:
    query = view("q=" + "я" * 500 + "%00").query
    assert query.q == "я" * 200


def test_the_current_address_keeps_everything() -> None:
    assert view("channel=in&q=7&after=abc&day=today").current_url == "/journal?q=7&day=today&channel=in&after=abc"


def test_reset_keeps_the_search_and_drops_filters_and_page() -> None:
    assert view("channel=in&q=7&after=abc").reset_url == "/journal?q=7"


def test_clearing_the_search_keeps_the_filters() -> None:
    assert view("channel=in&q=7").unsearched_url == "/journal?channel=in"


def test_pages_keep_filters_and_stop_at_the_ends() -> None:
    assert view("channel=in&after=a", next_after="b").next_url == "/journal?channel=in&after=b"
    assert view("channel=in", prev_before="a").prev_url == "/journal?channel=in&before=a"
    assert view("channel=in").next_url == ""


def test_the_count_stands_in_the_button_of_its_column() -> None:
    shown = view("channel=in&channel=out")
    assert [column.count for column in shown.columns] == [2, 0, 0]
    assert shown.count_filters == 1


def test_ticks_follow_the_address() -> None:
    ticks = view("reason=2").columns[1].filter
    assert [(tick.label, tick.checked) for tick in ticks] == [("Статус заявления", False), ("Жалоба", True)]
