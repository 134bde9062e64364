"""Messages through real providers' protocols: the local SMSC and the local mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from schemas.message import MessageChannel, MessageState
from store.session import Database
from tests.messaging import ADDRESS, NUMBER, Post, doing, went_out
from worker.place import free_port
from worker.provider_gate import Door
from worker.provider_mail import MailServer
from worker.provider_sms import Smsc

LONG = "Здравствуйте, Анна! 😀 " * 12 + "Ждём Вас."


@pytest.fixture
async def post(fresh_database: Database, temporal: Client) -> AsyncIterator[Post]:
    async with Post(fresh_database, temporal).working() as post:
        yield post


async def test_a_long_cyrillic_sms_arrives_whole_and_is_delivered(post: Post, tmp_path: Path) -> None:
    port = free_port()
    async with doing(Smsc(tmp_path, Door(port), 0x1501, receipts_after=0.1).run()), post.sms(port):
        [message_id] = await post.send(LONG)
        await post.comes_to(message_id, MessageState.DELIVERED)
    assert await post.process(message_id).result() == "delivered"
    assert went_out(tmp_path) == [f"Кому: {NUMBER}\nОт: Pult\nЧастей: 5\n\n{LONG}\n"]


async def test_a_letter_goes_out_and_ends_as_sent(post: Post, tmp_path: Path) -> None:
    port = free_port()
    async with doing(MailServer(tmp_path, port).run()), post.mail(port):
        [message_id] = await post.send("Ждём Вас <завтра>.", to=ADDRESS, channel=MessageChannel.EMAIL)
        await post.comes_to(message_id, MessageState.SENT)
    [letter] = went_out(tmp_path, "eml")
    assert f"Message-ID: <{message_id}@example.org>" in letter
