"""A call's card: who phones, how long, what is being typed."""

from uuid import uuid4

from schemas.call import CallStage
from schemas.staff import Role
from store.subscriber import Subscriber
from tests.calls import Calls, reason
from tests.centre import Centre
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER
from tests.ui.screen import SHOWN_NUMBER, ids, words


async def anna(calls: Calls, **fields: object) -> Subscriber:
    card = Subscriber(full_name=ANNA, mobile_phone=ANNA_NUMBER, passport="45 00 123456", email="anna@mail.ru", **fields)
    calls.session.add(card)
    await calls.session.flush()
    return card


async def test_it_shows_a_finished_call_with_its_outcome(doors: Doors, calls: Calls) -> None:
    card = await anna(calls)
    call = await calls.served(subscriber_id=card.id, comment="Строка\nвторая <i>", postponed=True)
    await reason(calls.session, "Жалоба", call)
    await calls.session.commit()
    answer = await (await doors.browser(calls.people.olga)).get(f"/calls/{call.id}")
    assert answer.status_code == 200
    for said in (ANNA, "ФЛ", "45 00 123456", "Обслуживание завершено", "Жалоба", "вторая &lt;i&gt;", "Отложен"):
        assert said in answer.text
    assert "finish-service" not in ids(answer)


async def test_an_unconfirmed_caller_is_masked_everywhere(doors: Doors, calls: Calls) -> None:
    card = await anna(calls)
    await calls.served(subscriber_id=card.id, comment="Живёт на Садовой")
    call = await calls.served(subscriber_id=card.id, confirmed=False)
    await calls.session.commit()
    answer = await (await doors.browser(calls.people.olga)).get(f"/calls/{call.id}")
    assert "А••• С••• Б•••" in answer.text
    assert "номер не подтверждён" in answer.text
    for hidden in (ANNA, "123456", "anna@mail.ru", "Садовой"):
        assert hidden not in answer.text


async def test_a_call_of_another_operator_is_not_found(doors: Doors, calls: Calls) -> None:
    call = await calls.served("pyotr")
    await calls.session.commit()
    olga = await doors.browser(calls.people.olga)
    for address in (f"/calls/{call.id}", f"/calls/{call.id}/process", f"/calls/{uuid4()}"):
        assert (await olga.get(address)).status_code == 404
    vera = await doors.browser(calls.people.vera, Role.SUPERVISOR)
    assert (await vera.get(f"/calls/{call.id}")).status_code == 200


async def test_a_stranger_sees_no_card(doors: Doors, calls: Calls) -> None:
    call = await calls.served()
    await calls.session.commit()
    answer = await (await doors.browser(calls.people.stranger)).get(f"/calls/{call.id}")
    assert answer.status_code == 403
    assert SHOWN_NUMBER not in answer.text


async def test_during_the_talk_it_can_be_filled_in(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.browser(centre.people.olga)
    answer = await olga.get(f"/calls/{ring.call_id}")
    for said in ("Разговор", "Причина звонка", "Комментарий", "Действия", "Отложить вызов", "Завершить обслуживание"):
        assert said in words(answer)
    process = await olga.get(f"/calls/{ring.call_id}/process?shown=ringing")
    assert "ждёт окончания разговора" in words(process)
    assert f"pult:call-{ring.call_id}" in process.headers["HX-Trigger"]


async def test_a_card_that_is_up_to_date_is_left_alone(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    olga = await doors.browser(centre.people.olga)
    process = await olga.get(f"/calls/{ring.call_id}/process?shown=post_processing")
    assert "ждёт завершения обслуживания" in words(process)
    assert "HX-Trigger" not in process.headers


async def test_with_no_worker_the_row_speaks(doors: Doors, calls: Calls) -> None:
    call = await calls.call(stage=CallStage.POST_PROCESSING, employee="olga", ended_at=None)
    await calls.serving(call, "olga", call.answered_at)
    await calls.session.commit()
    process = await (await doors.browser(calls.people.olga)).get(f"/calls/{call.id}/process")
    assert process.status_code == 200
    assert "ждёт завершения обслуживания · по записи от" in words(process)


async def test_what_is_typed_is_kept_and_fills_the_dialog(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    order = await centre.order()
    olga = await doors.browser(centre.people.olga)
    typed = {"reasons": str(order.reasons[0]), "comment": "Просит <b>перезвонить</b>\x00", "postponed": "1"}
    kept = await olga.post(f"/calls/{ring.call_id}/draft", data=typed)
    assert kept.status_code == 204
    card = await olga.get(f"/calls/{ring.call_id}")
    assert "Просит &lt;b&gt;перезвонить&lt;/b&gt;" in card.text
    dialog = await olga.get(f"/calls/{ring.call_id}/completion")
    assert "Просит &lt;b&gt;перезвонить&lt;/b&gt;" in dialog.text
    assert f'value="{order.reasons[0]}" selected' in dialog.text
    assert 'name="postponed" value="1" checked' in dialog.text


async def test_the_dialog_waits_for_the_end_of_the_talk(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.browser(centre.people.olga)
    refused = await olga.get(f"/calls/{ring.call_id}/completion")
    assert (refused.status_code, "Сначала завершите разговор" in refused.text) == (409, True)


async def test_a_draft_of_somebody_elses_call_is_refused(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    pyotr = await doors.browser(centre.people.pyotr)
    assert (await pyotr.post(f"/calls/{ring.call_id}/draft", data={"comment": "x"})).status_code == 404


async def test_who_only_missed_the_call_does_not_learn_who_phoned(doors: Doors, centre: Centre) -> None:
    await centre.go_on_line("olga", "pyotr")
    missed = await centre.ring_of(await centre.phone())
    await centre.decline(missed)
    served = await centre.ring_of(missed.call_id, nth=2)
    await centre.answer(served)
    await centre.reaches(missed.call_id, CallStage.TALKING)
    await centre.sql(KNOWN, name=ANNA, number=ANNA_NUMBER)
    for ring, knows in ((missed, False), (served, True)):
        page = await (await doors.browser(centre.at(ring))).get(f"/calls/{ring.call_id}")
        assert (ANNA in words(page)) is knows


KNOWN = """INSERT INTO subscriber (type, full_name, mobile_phone, version)
    VALUES ('person', :name, :number, 1) RETURNING id"""
