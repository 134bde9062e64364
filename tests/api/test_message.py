"""Messages by the API: who may send, when, where to, and once for a key."""

import asyncio
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text as sql

from schemas.call import CallStage
from schemas.desk import DeskStatus
from schemas.message import NOT_CONNECTED, AcceptMessage, MessageChannel
from schemas.staff import Role
from services.message import accept
from store.call import Call
from tests.calls import SECOND, Calls
from tests.centre import Centre
from tests.doors import Doors
from tests.messages import EMAIL, HOME_NUMBER, LETTER, SMS, card, sent
from tests.people import ANNA_NUMBER, People

OTHER_NUMBER = "+79167654321"
SMS_HALF = '{"key": "message-key-1", "channel": "sms", "to": "+79161234567", "text": "\\ud83d"}'


def url(call_id: object) -> str:
    return f"/api/v1/calls/{call_id}/messages"


async def served(calls: Calls, stage: CallStage = CallStage.TALKING, **fields: object) -> Call:
    """A call that Ольга serves, at this stage of it."""
    anna = await card(calls.session)
    call = await calls.call(stage, 60, "olga", **{"subscriber_id": anna.id, "ended_at": None, **fields})
    await calls.serving(call, "olga", None if stage is CallStage.RINGING else call.answered_at)
    await calls.session.commit()
    return call


def wrong(answer: Response) -> tuple[int, list[str]]:
    return answer.status_code, [each["pointer"] for each in answer.json().get("errors", [])]


@pytest.mark.parametrize("stage", [CallStage.RINGING, CallStage.TALKING, CallStage.POST_PROCESSING])
async def test_it_is_sent_from_ringing_to_the_end_of_the_service(doors: Doors, calls: Calls, stage: CallStage) -> None:
    call, olga = await served(calls, stage), await doors.program(calls.people.olga)
    message = await olga.post(url(call.id), json=SMS)
    assert (message.status_code, message.json()["state"], message.json()["to"]) == (201, "accepted", ANNA_NUMBER)
    assert [each["text"] for each in (await olga.get(url(call.id))).json()["items"]] == [SMS["text"]]


async def test_on_hold_and_in_a_call_out_too(doors: Doors, calls: Calls) -> None:
    call = await served(calls, held_since=calls.at, kind="outbound")
    letter = await (await doors.program(calls.people.olga)).post(url(call.id), json=LETTER)
    assert (letter.status_code, letter.json()["to"], letter.json()["subject"]) == (201, EMAIL, "")


@pytest.mark.parametrize("order", [SMS, LETTER])
async def test_without_a_provider_it_is_refused_at_once(doors: Doors, calls: Calls, order: dict[str, str]) -> None:
    call, olga = await served(calls), await doors.program(calls.people.olga)
    doors.app.state.channels -= {order["channel"]}
    refused = await olga.post(url(call.id), json=order)
    assert (refused.status_code, refused.json()["code"]) == (409, "channel_not_connected")
    what = "SMS" if order is SMS else "писем"
    assert refused.json()["detail"] == f"Отправка {what} не настроена: обратитесь к администратору."
    assert (await olga.get(url(call.id))).json()["items"] == []
    assert (await olga.post(url(call.id), json=LETTER if order is SMS else SMS)).status_code == 201


async def test_what_the_system_sends_without_a_provider_has_failed_and_says_why(doors: Doors, calls: Calls) -> None:
    wanted = AcceptMessage(id=uuid4(), channel=MessageChannel.SMS, to=ANNA_NUMBER, text="Напоминание")
    assert [await accept(calls.session, wanted, frozenset()) for _ in range(2)] == [True, False]
    await calls.session.commit()
    [row] = (await (await doors.program(calls.people.vera, Role.SUPERVISOR)).get("/api/v1/messages")).json()["items"]
    assert (row["state"], row["why"]) == ("failed", NOT_CONNECTED[MessageChannel.SMS])
    kinds = (await calls.session.execute(sql("SELECT kind FROM outbox"))).scalars().all()
    assert "start_message" not in kinds


async def test_after_the_service_it_is_refused(doors: Doors, calls: Calls) -> None:
    call = await served(calls, CallStage.FINISHED, ended_at=calls.at + 90 * SECOND)
    refused = await (await doors.program(calls.people.olga)).post(url(call.id), json=SMS)
    assert (refused.status_code, refused.json()["detail"]) == (409, "Сообщение можно отправить только во время звонка.")


async def test_neither_a_supervisor_nor_a_colleague_nor_without_a_call(doors: Doors, calls: Calls) -> None:
    call, people = await served(calls), calls.people
    vera, pyotr = await doors.program(people.vera, Role.SUPERVISOR), await doors.program(people.pyotr)
    olga, stranger = await doors.program(people.olga), await doors.program(people.stranger)
    assert [(await each.post(url(call.id), json=SMS)).status_code for each in (vera, stranger)] == [403, 403]
    assert (await pyotr.post(url(call.id), json=SMS)).status_code == 404
    assert (await olga.post(url(uuid4()), json=SMS)).status_code == 404


async def test_of_twenty_with_one_key_one_is_sent(doors: Doors, calls: Calls, valkey: object) -> None:
    call, olga = await served(calls), await doors.program(calls.people.olga)
    sent = await asyncio.gather(*(olga.post(url(call.id), json=SMS) for _ in range(20)))
    assert {(each.status_code, each.json()["id"]) for each in sent} == {(201, sent[0].json()["id"])}
    assert len((await olga.get(url(call.id))).json()["items"]) == 1
    other = await olga.post(url(call.id), json=SMS | {"text": "Другой текст"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_repeat_after_the_end_gets_the_first_answer(doors: Doors, centre: Centre) -> None:
    ring = await centre.serve()
    olga = await doors.program(centre.people.olga)
    first = await olga.post(url(ring.call_id), json=SMS)
    await centre.finish(ring.call_id)
    assert (await olga.post(url(ring.call_id), json=SMS)).json()["id"] == first.json()["id"]
    assert (await olga.post(url(ring.call_id), json=SMS | {"key": "message-key-9"})).status_code == 409


async def test_it_goes_only_to_an_address_of_the_card(doors: Doors, calls: Calls) -> None:
    call, olga = await served(calls), await doors.program(calls.people.olga)
    for to in (OTHER_NUMBER, "12", EMAIL):
        assert wrong(await olga.post(url(call.id), json=SMS | {"to": to})) == (422, ["/to"])
    assert wrong(await olga.post(url(call.id), json=LETTER | {"to": "other@mail.ru"})) == (422, ["/to"])
    typed = await olga.post(url(call.id), json=SMS | {"to": "8 495 765-43-21"})
    assert (typed.status_code, typed.json()["to"]) == (201, HOME_NUMBER)


async def test_of_an_unconfirmed_caller_only_his_number_is_known(doors: Doors, calls: Calls) -> None:
    call, olga = await served(calls, confirmed=False), await doors.program(calls.people.olga)
    assert wrong(await olga.post(url(call.id), json=SMS | {"to": HOME_NUMBER})) == (422, ["/to"])
    assert wrong(await olga.post(url(call.id), json=LETTER)) == (422, ["/to"])
    assert (await olga.post(url(call.id), json=SMS)).status_code == 201


async def test_what_is_required_is_said_at_its_field(doors: Doors, calls: Calls) -> None:
    call, olga = await served(calls), await doors.program(calls.people.olga)
    for text in ("", " \n ", "я" * 701):
        assert wrong(await olga.post(url(call.id), json=SMS | {"text": text})) == (422, ["/text"])
    half = SMS_HALF.encode()
    answer = await olga.post(url(call.id), content=half, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    long = await olga.post(url(call.id), json=SMS | {"text": "я" * 705})
    assert long.json()["errors"][0]["message"] == "Текст SMS длиннее, чем знаков: 700. Лишних знаков: 5."
    assert wrong(await olga.post(url(call.id), json=LETTER | {"key": None})) == (422, ["/key"])


async def test_each_sending_stands_in_the_audit_without_its_words(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    olga = await doors.program(centre.people.olga)
    message = (await olga.post(url(ring.call_id), json=SMS)).json()
    said = "SELECT details FROM audit WHERE thing = 'message' AND verb = 'send' AND thing_id = :id"
    assert await centre.sql(said, id=UUID(message["id"])) == {"call_id": str(ring.call_id), "channel": "sms"}


async def test_finish_and_send_at_once_are_one_after_the_other(doors: Doors, centre: Centre) -> None:
    ring, how_many = await centre.serve(), "SELECT count(*) FROM message"
    olga = await doors.program(centre.people.olga)

    async def send_until_refused(sender: int) -> int:
        for nth in range(200):
            answer = await olga.post(url(ring.call_id), json=SMS | {"key": f"message-key-{sender}-{nth}"})
            if answer.status_code != 201:
                return answer.status_code
        return 201

    senders = asyncio.gather(*(send_until_refused(sender) for sender in range(4)))
    await centre.finish(ring.call_id)
    by_then = await centre.sql(how_many)
    assert (await senders, by_then > 0, await centre.sql(how_many)) == ([409] * 4, True, by_then)


async def test_a_transferred_call_lets_each_send_while_he_serves(doors: Doors, centre: Centre) -> None:
    ring = await centre.talk()
    await centre.go_on_line("pyotr", status=DeskStatus.INCOMING)
    await centre.transfer(ring.call_id)
    second = await centre.ring_of(ring.call_id, nth=2)
    for login, key in (("olga", "message-key-1"), ("pyotr", "message-key-2")):
        program = await doors.program(getattr(centre.people, login))
        assert (await program.post(url(second.call_id), json=SMS | {"key": key})).status_code == 201


@pytest.fixture
async def listed(doors: Doors, calls: Calls) -> tuple[AsyncClient, People, Call]:
    """Five messages: four of Ольга's finished call, one of nobody's."""
    anna = await card(calls.session)
    call = await calls.served(subscriber_id=anna.id)
    olga = calls.people.olga.id
    for nth in range(4):
        state = "failed" if nth else "delivered"
        await sent(calls.session, call_id=call.id, subscriber_id=anna.id, sender_id=olga, text=f"№{nth}", state=state)
    await sent(calls.session, channel="email", address=EMAIL, text="Напоминание")
    await calls.session.commit()
    return await doors.program(calls.people.vera, Role.SUPERVISOR), calls.people, call


async def test_a_supervisor_lists_the_messages_of_all(listed: tuple[AsyncClient, People, Call]) -> None:
    vera, people, _ = listed
    asked: list[tuple[dict[str, object], int]] = [({}, 5), ({"state": "failed"}, 3), ({"channel": "email"}, 1)]
    asked += [({"sender": str(people.olga.id)}, 4), ({"q": "8916123"}, 4), ({"q": "ANNA@"}, 1), ({"q": "белова"}, 4)]
    asked += [({"since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}, 0)]
    for params, found in asked:
        answer = await vera.get("/api/v1/messages", params=params)  # type: ignore[arg-type]
        assert (answer.status_code, len(answer.json()["items"])) == (200, found), params


async def test_pages_go_on_where_they_ended(listed: tuple[AsyncClient, People, Call]) -> None:
    vera, _, _ = listed
    first = (await vera.get("/api/v1/messages", params={"limit": 3})).json()
    second = (await vera.get("/api/v1/messages", params={"limit": 3, "after": first["next_after"]})).json()
    assert [each["text"] for each in first["items"] + second["items"]] == ["Напоминание", "№3", "№2", "№1", "№0"]
    assert second["next_after"] is None
    assert wrong(await vera.get("/api/v1/messages", params={"after": "x"})) == (422, ["/after"])


async def test_an_operator_reads_those_of_his_calls_and_cards(
    doors: Doors, listed: tuple[AsyncClient, People, Call]
) -> None:
    _, people, call = listed
    olga, pyotr = await doors.program(people.olga), await doors.program(people.pyotr)
    theirs = f"/api/v1/subscribers/{call.subscriber_id}/messages"
    assert [len((await olga.get(one)).json()["items"]) for one in (url(call.id), theirs)] == [4, 4]
    assert [(await pyotr.get(one)).status_code for one in (url(call.id), theirs)] == [404, 404]
    assert (await olga.get("/api/v1/messages")).status_code == 403


async def test_what_was_sent_before_the_card_was_saved_is_its_own(doors: Doors, calls: Calls) -> None:
    call = await calls.call(CallStage.TALKING, 60, "olga", ended_at=None)
    await calls.serving(call, "olga", call.answered_at)
    await calls.session.commit()
    olga, page = await doors.program(calls.people.olga), await doors.browser(calls.people.olga)
    assert (await olga.post(url(call.id), json=SMS)).status_code == 201
    saved = await page.post(f"/calls/{call.id}/subscriber", data={"full_name": "Анна", "mobile_phone": ANNA_NUMBER})
    assert saved.status_code == 204
    whose = (await olga.get(f"/api/v1/calls/{call.id}")).json()["subscriber_id"]
    assert len((await olga.get(f"/api/v1/subscribers/{whose}/messages")).json()["items"]) == 1
