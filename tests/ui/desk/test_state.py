"""The state menu of the header."""

from schemas.desk import DeskStatus
from schemas.directory import Directory
from store import desk, directory
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
        await desk.set_status(session, mine, DeskStatus.INACTIVE, "phone_lost")
    seen = words(await olga.get("/desk/state"))
    assert "Состояние пульта: Неактивный" in seen
    assert "Нет связи с телефоном." in seen


async def test_who_has_no_desk_has_no_state(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert (await admin.get("/desk/state")).status_code == 403
    assert (await admin.put("/desk/state", data={"status": "incoming"})).status_code == 403


async def test_the_menu_offers_the_reasons_of_a_break(doors: Doors, fresh_people: People) -> None:
    olga = await doors.browser(fresh_people.olga)
    lunch = await break_reason(doors, "Обед")
    assert "Обед" in words(await olga.get("/home"))
    changed = await olga.put("/desk/state", data={"status": "break", "reason": lunch})
    assert "Состояние пульта: Перерыв: Обед" in words(changed)
    assert changed.text.count('aria-checked="true"') == 1


async def test_a_break_after_the_call_is_asked_for_and_taken_back(doors: Doors, centre: Centre) -> None:
    call_id, olga = (await centre.serve()).call_id, await doors.browser(centre.people.olga)
    assert "Перерыв после вызова" in words(await olga.get("/desk/state"))
    lunch = await break_reason(doors, "Обед")
    asked = words(await olga.put("/desk/state", data={"status": "break", "reason": lunch}))
    assert "После вызова: Перерыв: Обед отменить" in asked
    assert "После вызова:" not in words(await olga.delete("/desk/next-state"))
    await olga.put("/desk/state", data={"status": "break", "reason": lunch})
    await centre.finish(call_id, next_status="break")  # as the form says it, too
    assert "Состояние пульта: Перерыв: Обед" in words(await olga.get("/desk/state"))


async def break_reason(doors: Doors, name: str) -> str:
    async with doors.app.state.database.transaction() as session:
        return str((await directory.add(session, Directory.BREAK_REASONS, name, 0)).id)
