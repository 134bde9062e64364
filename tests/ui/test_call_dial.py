"""The dialling window and «Позвонить»: in «Исходящие» they call, elsewhere they say why not and offer the way."""

import pytest
from httpx import AsyncClient

from schemas.desk import DeskStatus
from tests.centre import Centre
from tests.doors import Doors
from tests.people import ANNA_NUMBER, People

CALLS = "/softphone/calls"
FROM_THE_WINDOW = {"place": "window", "key": "place-key-1"}


@pytest.fixture
async def olga(doors: Doors, fresh_people: People, centre: Centre) -> AsyncClient:
    """Ольга's page in «Исходящие», her telephone ready."""
    olga = await doors.browser(fresh_people.olga)
    await centre.go_on_line("olga", status=DeskStatus.OUTGOING)
    return olga


async def test_the_window_calls_and_turns_into_the_call(olga: AsyncClient, centre: Centre) -> None:
    window = (await olga.get("/softphone")).text
    for words in ("Открыть клавиатуру", "Адресная книга", "Позвонить"):
        assert words in window
    placed = await olga.post(CALLS, data={**FROM_THE_WINDOW, "number": ANNA_NUMBER})
    assert (placed.status_code, "pult:desk" in placed.headers["HX-Trigger"]) == (204, True)
    panel = (await olga.get("/softphone")).text
    for words in ('data-stage="dialling"', "Исходящий вызов", "+7 (916) 123-45-67", "Отменить вызов"):
        assert words in panel
    assert "+7 (916) 123-45-67" in (await olga.get("/softphone/dialled")).text


async def test_the_window_says_what_is_wrong_with_the_number(olga: AsyncClient) -> None:
    refused = await olga.post(CALLS, data={**FROM_THE_WINDOW, "number": "12 34 567"})
    assert refused.status_code == 422
    assert "Введите номер телефона: +7 и десять цифр." in refused.text


async def test_a_button_elsewhere_offers_to_switch_and_call(olga: AsyncClient, centre: Centre) -> None:
    await centre.go_on_line("olga", status=DeskStatus.BREAK)
    assert "Открыть клавиатуру" not in (await olga.get("/softphone")).text
    refused = await olga.post(CALLS, data={"number": ANNA_NUMBER})
    assert (refused.status_code, "Перейти в «Исходящие» и позвонить" in refused.text) == (409, True)
    placed = await olga.post(CALLS, data={"number": ANNA_NUMBER, "switch": "true", "key": "place-key-1"})
    assert (placed.status_code, await centre.desk()) == (204, DeskStatus.OUTGOING)
    assert await centre.sql("SELECT number FROM call") == ANNA_NUMBER


async def test_whoever_serves_a_call_finishes_it_first(olga: AsyncClient, centre: Centre) -> None:
    await centre.place()
    refused = await olga.post(CALLS, data={"number": "+79160000001", "switch": "true"})
    assert (refused.status_code, "Сначала завершите обслуживание" in refused.text) == (409, True)
    assert await centre.sql("SELECT count(*) FROM call") == 1


@pytest.mark.parametrize("login", ["admin", "stranger"])
async def test_strangers_have_no_window(doors: Doors, fresh_people: People, login: str) -> None:
    stranger = await doors.browser(getattr(fresh_people, login))
    assert (await stranger.post(CALLS, data={"number": ANNA_NUMBER})).status_code == 403
    assert (await stranger.get("/softphone/book")).status_code == 403
