"""The state menu of the header."""

from store import desk
from tests.centre import Centre
from tests.doors import Doors
from tests.people import People
from tests.ui.screen import words


async def test_it_shows_the_state_and_offers_three(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    seen = words(await olga.get("/home"))
    assert "Состояние пульта: Перерыв" in seen
    for offered in ("Входящие Alt 1", "Исходящие Alt 2", "Перерыв Alt 0"):
        assert offered in seen


async def test_a_state_is_changed_at_once(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    changed = await olga.put("/desk/state", data={"status": "outgoing"})
    assert changed.status_code == 200
    assert "Состояние пульта: Исходящие" in words(changed)


async def test_in_a_call_it_is_asked_for_the_time_after(doors: Doors, centre: Centre) -> None:
    await centre.talk()
    olga = await doors.browser(centre.people.olga)
    changed = words(await olga.put("/desk/state", data={"status": "break"}))
    assert "Состояние пульта: Входящие" in changed
    assert "После вызова: Перерыв отменить" in changed
    assert "Новое состояние начнётся после завершения обслуживания." in changed


async def test_no_other_state_can_be_chosen(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    for status in ("inactive", "", "nonsense"):
        assert (await olga.put("/desk/state", data={"status": status})).status_code == 422


async def test_a_lost_telephone_is_said_why(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    async with doors.app.state.database.transaction() as session:
        mine = await desk.get(session, fresh_people.desk(fresh_people.olga).id)
        await desk.set_status(session, mine, desk.DeskStatus.INACTIVE, "phone_lost")
    seen = words(await olga.get("/desk/state"))
    assert "Состояние пульта: Неактивный" in seen
    assert "Нет связи с телефоном." in seen


async def test_who_has_no_desk_has_no_state(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert (await admin.get("/desk/state")).status_code == 403
    assert (await admin.put("/desk/state", data={"status": "incoming"})).status_code == 403
