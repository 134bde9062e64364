"""What a letter meets on its way to a real mail server."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.client import Client

from schemas.message import MessageChannel, MessageState
from store.message import Message
from store.session import Database
from tests.messaging import ADDRESS, Post, doing, until, went_out
from worker.place import free_port
from worker.provider_mail import MailServer

EMAIL = MessageChannel.EMAIL


class ScriptedMail:
    """A mail server that answers each RCPT and each letter as the test says; `hang_up` cuts the line instead."""

    def __init__(self, port: int, rcpt: list[str], data: list[str]) -> None:
        self.port, self.rcpt, self.data = port, rcpt, data
        self.letters = 0

    async def run(self) -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="t"), "127.0.0.1", self.port
        )
        async with server:
            await server.serve_forever()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt.pop(0) if self.rcpt else "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.letters += 1
        answer = self.data.pop(0) if self.data else "250 ok"
        if answer == "hang_up" and server.transport is not None:
            server.transport.abort()
        return answer


@pytest.fixture
async def post(fresh_database: Database, temporal: Client) -> AsyncIterator[Post]:
    async with Post(fresh_database, temporal).working() as post:
        yield post


async def end_of(post: Post, rcpt: list[str], data: list[str]) -> tuple[Message, int]:
    """Send one letter to such a server; return its row when it is no longer accepted, and how many letters came."""
    server = ScriptedMail(free_port(), rcpt, data)
    async with doing(server.run()), post.mail(server.port):
        [message_id] = await post.send("Ждём Вас.", to=ADDRESS, channel=EMAIL)

        async def is_over() -> bool:
            return (await post.row(message_id)).state is not MessageState.ACCEPTED

        await until(is_over, "still accepted")
    return await post.row(message_id), server.letters


async def test_a_letter_has_its_subject_both_parts_and_a_domain_that_mail_knows(post: Post, tmp_path: Path) -> None:
    port = free_port()
    async with doing(MailServer(tmp_path, port).run()), post.mail(port):
        [message_id] = await post.send("Ждём <b>Вас</b> & мужа.", to="anna@почта.рф", channel=EMAIL)
        await post.comes_to(message_id, MessageState.SENT)
    letter = message_from_string(went_out(tmp_path, "eml")[0], policy=default)
    plain, page = letter.iter_parts()
    assert (letter["Subject"], letter["To"]) == ("Запись на приём", "anna@xn--80a1acny.xn--p1ai")
    assert plain.get_content().strip() == "Ждём <b>Вас</b> & мужа."
    assert "<p>Ждём &lt;b&gt;Вас&lt;/b&gt; &amp; мужа.</p>" in page.get_content()


async def test_another_time_means_another_time(post: Post) -> None:
    row, letters = await end_of(post, ["450 4.2.1 greylisted"], ["451 4.3.0 not now"])
    assert (row.state, letters) == (MessageState.SENT, 2)


async def test_a_refusal_ends_it_in_the_servers_words(post: Post) -> None:
    row, letters = await end_of(post, ["550 5.1.1 no such box"], [])
    assert (row.state, letters) == (MessageState.FAILED, 0)
    assert row.why == "Почтовый сервер отказал: 550 5.1.1 no such box"


async def test_a_line_cut_under_the_letter_is_a_doubt_and_no_second_letter(post: Post) -> None:
    row, letters = await end_of(post, [], ["hang_up"])
    assert (row.state, letters) == (MessageState.UNKNOWN, 1)


async def test_a_server_that_was_away_gets_its_letters_over_a_new_connection(post: Post) -> None:
    server = ScriptedMail(free_port(), [], [])
    async with post.mail(server.port):
        waiting = await post.send("one", to=ADDRESS, channel=EMAIL)
        await asyncio.sleep(0.7)
        for again in (waiting, []):
            async with doing(server.run()):
                [message_id] = again or await post.send("two", to=ADDRESS, channel=EMAIL)
                await post.comes_to(message_id, MessageState.SENT)
    assert server.letters == 2
