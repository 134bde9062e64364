"""What an SMS meets on its way: a provider that throttles, refuses, is away, or says things in another order."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import smpp34
from temporalio.client import Client

from activities.message import MessageActivities
from schemas.message import MessageState
from store.session import Database
from telephony.smpp import SmppAccess, SmppLink
from tests.messaging import NUMBER, Post, doing, until
from tests.smsc import (
    DELIVERED,
    UNDELIVERABLE,
    ScriptedSmsc,
    deliver,
    deliver_before_the_answer,
    first,
    keep_silent,
    take,
)
from worker.place import free_port

THREE_PARTS = "я" * 180
THROTTLED, BAD_NUMBER = 0x58, 0x0B


@pytest.fixture
async def post(fresh_database: Database, temporal: Client) -> AsyncIterator[Post]:
    async with Post(fresh_database, temporal).working() as post:
        yield post


async def test_receipts_may_come_in_any_order_and_before_the_answer(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), deliver_before_the_answer)
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send(THREE_PARTS)
        await post.comes_to(message_id, MessageState.DELIVERED)
        smsc.answer = take
        [other_id] = await post.send(THREE_PARTS)
        await post.comes_to(other_id, MessageState.SENT)
        for provider_id in ("id6", "id4", "id5"):
            assert (await post.row(other_id)).state is MessageState.SENT
            assert await smsc.receipt(provider_id)
        await post.comes_to(other_id, MessageState.DELIVERED)


async def test_one_part_undelivered_is_a_failed_message_with_the_providers_words(post: Post) -> None:
    smsc = ScriptedSmsc(free_port())
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send(THREE_PARTS)
        await post.comes_to(message_id, MessageState.SENT)
        await smsc.receipt("id1", DELIVERED)
        await smsc.receipt("id2", UNDELIVERABLE)
        await post.comes_to(message_id, MessageState.FAILED)
        assert (await post.row(message_id)).why == "Телефон не принимает сообщение (UNDELIV)"


async def test_a_throttled_part_is_sent_again_and_no_other(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), first(THROTTLED, 3))
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send(THREE_PARTS)
        await post.comes_to(message_id, MessageState.DELIVERED)
    numbers = [said.short_message[5] for said in smsc.got]
    assert numbers == [1, 1, 1, 1, 2, 3]


async def test_a_refused_number_is_said_so(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), first(BAD_NUMBER, 99))
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send("hello")
        row = await post.comes_to(message_id, MessageState.FAILED)
    assert row.why == "Оператор связи отказал: неверный номер (0x0000000B)"


async def test_while_the_provider_is_away_messages_wait_and_then_go_in_their_order(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), deliver)
    texts = [f"n{number:02}" for number in range(20)]
    async with post.sms(smsc.port):
        await post.send(*texts)
        await asyncio.sleep(1)
        assert {row.state for row in await post.rows()} == {MessageState.ACCEPTED}
        async with doing(smsc.run()):
            assert await post.all_end(30) == {MessageState.DELIVERED: 20}
    assert smsc.texts == texts


async def test_an_answer_that_never_came_is_unknown_and_never_sent_twice(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), keep_silent)
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send("once")
        await until(lambda: _has(smsc, 1), "nothing came")
        await smsc.sessions[-1].unbind()
        row = await post.comes_to(message_id, MessageState.UNKNOWN)
        smsc.answer = deliver
        [next_id] = await post.send("next")
        await post.comes_to(next_id, MessageState.DELIVERED)
    assert smsc.texts == ["once", "next"]
    assert row.why == "Ответ провайдера не получен: сообщение могло уйти."


async def test_a_provider_that_dedupes_is_asked_again_under_the_same_id(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), keep_silent)
    async with doing(smsc.run()), post.sms(smsc.port, dedupes=True):
        [message_id] = await post.send("twice")
        await until(lambda: _has(smsc, 1), "nothing came")
        smsc.answer = deliver
        await smsc.sessions[-1].unbind()
        await post.comes_to(message_id, MessageState.DELIVERED)
    ids = {said.tlvs[0].value for said in smsc.got}
    assert len(smsc.got) == 2
    assert ids == {f"{message_id}/1".encode()}


async def test_a_receipt_after_all_mends_what_was_unknown(post: Post) -> None:
    smsc = ScriptedSmsc(free_port())
    async with doing(smsc.run()), post.sms(smsc.port):
        [message_id] = await post.send(THREE_PARTS)
        await post.comes_to(message_id, MessageState.SENT)
        await MessageActivities(post.database).expire_message(message_id)
        await smsc.receipt("id1")
        await smsc.receipt("id2")
        assert (await post.row(message_id)).state is MessageState.UNKNOWN
        await smsc.receipt("id3")
        assert (await post.row(message_id)).state is MessageState.DELIVERED


async def test_one_worker_at_a_time_is_bound_and_another_takes_over(post: Post) -> None:
    smsc = ScriptedSmsc(free_port(), deliver)
    async with doing(smsc.run()), post.sms(smsc.port):
        await until(lambda: _bound(smsc, 1), "nobody came")
        async with post.sms(smsc.port):
            await asyncio.sleep(1.5)
            assert len(smsc.sessions) == 1
    async with doing(ScriptedSmsc(smsc.port, deliver).run()), post.sms(smsc.port):
        [message_id] = await post.send("hello")
        await post.comes_to(message_id, MessageState.DELIVERED)


async def test_a_receipt_is_acknowledged_after_it_was_kept_and_not_before() -> None:
    kept: list[bool] = []

    async def hear(delivered: smpp34.DeliverSm) -> None:
        kept.append(len(kept) > 0)
        if not kept[-1]:
            raise ConnectionError

    smsc = ScriptedSmsc(free_port())
    async with doing(smsc.run()):
        await asyncio.sleep(0.2)
        link = await SmppLink.open(SmppAccess("127.0.0.1", smsc.port, "a", "b"), hear)
        await until(lambda: _bound(smsc, 1), "nobody came")
        assert [await smsc.receipt("id1"), await smsc.receipt("id1")] == [False, True]
        await link.close()


async def test_neither_history_nor_log_names_a_number_or_a_word(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    smsc = ScriptedSmsc(free_port(), first(BAD_NUMBER, 1))
    with caplog.at_level(0):
        async with doing(smsc.run()), post.sms(smsc.port):
            ids = await post.send("тайна", "секрет")
            await post.all_end()
    histories = [(await post.process(one).fetch_history()).to_json() for one in ids]
    said = "".join([*histories, *(record.getMessage() + str(record.__dict__) for record in caplog.records)])
    assert [word for word in (NUMBER[1:], "тайна", "секрет", ascii("тайна")[1:-1]) if word in said] == []


async def _has(smsc: ScriptedSmsc, messages: int) -> bool:
    return len(smsc.got) == messages


async def _bound(smsc: ScriptedSmsc, sessions: int) -> bool:
    return len(smsc.sessions) == sessions
