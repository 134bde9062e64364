"""«Главная»: the operator's own figures and calls of today."""

from datetime import timedelta

from httpx import AsyncClient

from schemas.call import CallStage
from store.subscriber import Subscriber
from tests.calls import Calls, reason
from tests.doors import Doors
from tests.people import ANNA
from tests.ui.screen import SHOWN_NUMBER, ids, rows, words

COLUMNS = (
    "Номер телефона", "Тип канала", "ФИО абонента", "Время звонка", "Время ожидания", "Длительность звонка",
    "Длительность постобработки", "Причина звонка", "Комментарий", "Продолжительность звонка",
)  # fmt: skip


async def home(doors: Doors, calls: Calls, query: str = "") -> tuple[AsyncClient, str]:
    await calls.session.commit()
    client = await doors.browser(calls.people.olga)
    answer = await client.get(f"/home{query}")
    assert answer.status_code == 200
    return client, words(answer)


async def test_it_counts_the_operators_own_calls(doors: Doors, calls: Calls) -> None:
    await calls.served(seconds=90)
    await calls.missed()
    await calls.served("pyotr")
    _, seen = await home(doors, calls)
    for said in ("Принято звонков 1", "разговора 01:30", "Пропущено звонков 1"):
        assert said in seen


async def test_it_lists_a_call_in_full(doors: Doors, calls: Calls) -> None:
    anna = Subscriber(full_name=ANNA)
    calls.session.add(anna)
    await calls.session.flush()
    served = await calls.served(seconds=90, subscriber_id=anna.id, comment="Перезвонить <b>после</b> обеда")
    await reason(calls.session, "Жалоба", served)
    _, seen = await home(doors, calls)
    for said in (SHOWN_NUMBER, ANNA, "00:10 01:30 00:05 Жалоба Перезвонить <b>после</b> обеда 01:45"):
        assert said in seen


async def test_its_columns_are_the_manuals(doors: Doors, calls: Calls) -> None:
    _, seen = await home(doors, calls)
    heads = [seen.index(column) for column in COLUMNS]
    assert heads == sorted(heads)


async def test_a_quiet_day_says_what_to_do(doors: Doors, calls: Calls) -> None:
    _, seen = await home(doors, calls)
    assert "Сегодня звонков ещё не было Выберите состояние «Входящие»" in seen


async def test_calls_of_other_days_are_not_shown(doors: Doors, calls: Calls) -> None:
    calls.at -= timedelta(days=2)
    await calls.served()
    _, seen = await home(doors, calls)
    assert "Принято звонков 0" in seen
    assert SHOWN_NUMBER not in seen


async def test_the_queue_figure_counts_the_operators_own_queues(doors: Doors, calls: Calls) -> None:
    await calls.call(stage=CallStage.WAITING)
    client, seen = await home(doors, calls)
    assert "Звонков в очереди 1" in seen
    figures = await client.get("/home/figures")
    assert "Звонков в очереди 1" in words(figures)
    assert ids(figures) == {"figures"}


async def test_a_refresh_of_the_table_brings_the_table_alone(doors: Doors, calls: Calls) -> None:
    await calls.served()
    client, _ = await home(doors, calls)
    answer = await client.get("/home", headers={"HX-Request": "true", "HX-Target": "section#calls"})
    assert rows(answer) == 1
    assert "figures" not in ids(answer)


async def test_a_filter_narrows_and_stands_in_the_address(doors: Doors, calls: Calls) -> None:
    await calls.served()
    await calls.missed()
    client, _ = await home(doors, calls)
    answer = await client.get("/home?channel=missed&q=8+916+123-45-67")
    assert rows(answer) == 1
    assert "выбрано 1" in answer.text
    assert "/home?q=8+916+123-45-67&amp;channel=missed" in answer.text


async def test_nonsense_in_the_address_is_no_error(doors: Doors, calls: Calls) -> None:
    await calls.served()
    client, _ = await home(doors, calls)
    answer = await client.get("/home?channel=%00&reason=x&after=zzz&before=1_2&q=%00%25_%5C&since=yesterday")
    assert answer.status_code == 200


async def test_a_stranger_is_refused(doors: Doors, calls: Calls) -> None:
    await calls.session.commit()
    client = await doors.browser(calls.people.stranger)
    assert (await client.get("/home")).status_code == 403
    assert (await client.get("/home/figures")).status_code == 403
