"""The way into a provider: TLS with a certificate that is looked at, names and passwords, and what a refusal costs."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr
from temporalio.client import Client

from config.settings import Settings
from schemas.message import MessageChannel, MessageState
from store.health import get_load
from store.session import Database
from tests.certificates import Authority
from tests.messaging import ADDRESS, NUMBER, Post, doing, went_out
from worker.doctor import look, see_mail, see_sms
from worker.place import free_port
from worker.provider_gate import Door
from worker.provider_sms import Smsc

EMAIL = MessageChannel.EMAIL
NAME, PASSWORD, WRONG = "pult", "s3cret-1", "s3cret-2"
KNOWN = {"system_id": NAME, "password": SecretStr(PASSWORD)}
AUTHORITY, STRANGER = Authority(), Authority()


@pytest.fixture
async def post(fresh_database: Database, temporal: Client) -> AsyncIterator[Post]:
    async with Post(fresh_database, temporal).working() as post:
        yield post


class Examined(NamedTuple):
    """The doctor's words for a password, and where the SMSC is."""

    said: Callable[[str], Awaitable[list[str]]]
    port: int


class LockedMail:
    """A mail server behind a password; `implicit`: encrypted from the first octet, else after STARTTLS or never."""

    def __init__(self, tls: ssl.SSLContext | None, implicit: bool = False) -> None:
        self.port, self.tls, self.implicit = free_port(), tls, implicit
        self.tried: list[tuple[bytes, bytes]] = []
        self.visits: set[object] = set()
        self.senders: list[str] = []

    async def run(self) -> None:
        rules = self.tls if self.implicit else None
        server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", self.port, ssl=rules)
        async with server:
            await server.serve_forever()

    def _protocol(self) -> SMTP:
        later = None if self.implicit else self.tls
        needs: dict[str, Any] = {
            "auth_required": True,
            "auth_require_tls": later is not None,
            "require_starttls": later is not None,
        }
        return SMTP(self, hostname="t", tls_context=later, authenticator=self._judge, **needs)

    def _judge(self, server: SMTP, session: Session, envelope: Envelope, way: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.visits.add(session.peer)
        self.tried.append((told.login, told.password))
        return AuthResult(success=told.password == PASSWORD.encode(), handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.senders.append("encrypted" if session.ssl or self.implicit else "plain")
        return "250 ok"


async def test_an_sms_goes_out_over_tls_by_name_and_password(post: Post, tmp_path: Path) -> None:
    door = Door(free_port(), NAME, PASSWORD, AUTHORITY.server(tmp_path))
    smsc = Smsc(tmp_path / "out", door, 0x1501, receipts_after=0)
    async with doing(smsc.run()), post.sms(door.port, tls=True, ca=AUTHORITY.pem, **KNOWN):
        [message_id] = await post.send("Ждём вас")
        await post.comes_to(message_id, MessageState.DELIVERED)
    assert went_out(tmp_path / "out") == [f"Кому: {NUMBER}\nОт: Pult\nЧастей: 1\n\nЖдём вас\n"]


async def test_a_certificate_of_a_stranger_gets_no_password(
    post: Post, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(free_port(), NAME, PASSWORD, AUTHORITY.server(tmp_path))
    async with doing(Smsc(tmp_path, door, 0x1501).run()), post.sms(door.port, tls=True, ca=STRANGER.pem, **KNOWN):
        [message_id] = await post.send("Ждём вас")
        await asyncio.sleep(1)
        assert (await post.row(message_id)).state is MessageState.ACCEPTED
    away = [record for record in caplog.records if record.message == "sms.away"]
    assert "CERTIFICATE_VERIFY_FAILED" in away[0].__dict__["why"]


async def test_a_refused_bind_is_said_in_words_and_not_repeated_in_haste(
    post: Post, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(free_port(), NAME, PASSWORD)
    smsc = Smsc(tmp_path, door, 0x1501)
    async with doing(smsc.run()), post.sms(door.port, system_id=NAME, password=SecretStr(WRONG)):
        [message_id] = await post.send("Ждём вас")
        await asyncio.sleep(2)
        assert (smsc.gate.refused, (await post.row(message_id)).state) == (1, MessageState.ACCEPTED)
    [refused] = [record for record in caplog.records if record.message == "sms.refused"]
    assert ("не принимает пароль" in refused.__dict__["why"], WRONG in caplog.text) == (True, False)
    async with post.database.transaction() as session:
        load = await get_load(session)
    assert [(each.waiting, each.oldest > 1) for each in load.messages.values()] == [(1, True), (0, False)]


@pytest.mark.parametrize("way", ["tls", "starttls"])
async def test_a_letter_goes_out_encrypted_and_logged_in(post: Post, tmp_path: Path, way: str) -> None:
    server = LockedMail(AUTHORITY.server(tmp_path), implicit=way == "tls")
    known = {"tls": way, "ca": AUTHORITY.pem, "user": NAME, "password": SecretStr(PASSWORD)}
    async with doing(server.run()), post.mail(server.port, **known):
        for _ in range(2):
            [message_id] = await post.send("Ждём Вас.", to=ADDRESS, channel=EMAIL)
            await post.comes_to(message_id, MessageState.SENT)
    assert (server.senders, server.tried) == (["encrypted"] * 2, [(NAME.encode(), PASSWORD.encode())])


async def test_a_refused_login_is_logged_and_does_not_lock_us_out(
    post: Post, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = LockedMail(AUTHORITY.server(tmp_path))
    wrong = {"tls": "starttls", "ca": AUTHORITY.pem, "user": NAME, "password": SecretStr(WRONG)}
    async with doing(server.run()), post.mail(server.port, **wrong):
        await post.send("Раз", "Два", "Три", to=ADDRESS, channel=EMAIL)
        await asyncio.sleep(2)
        assert {row.state for row in await post.rows()} == {MessageState.ACCEPTED}
    assert (len(server.visits), server.senders) == (1, [])
    [refused] = [record for record in caplog.records if record.message == "email.refused"]
    assert (refused.__dict__["why"][:3], WRONG in caplog.text) == ("535", False)


async def test_without_the_agreed_encryption_neither_password_nor_letter_is_said(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    server = LockedMail(None)
    known = {"tls": "starttls", "user": NAME, "password": SecretStr(PASSWORD)}
    async with doing(server.run()), post.mail(server.port, **known):
        await post.send("Ждём Вас.", to=ADDRESS, channel=EMAIL)
        await asyncio.sleep(1)
    assert (server.tried, server.senders) == ([], [])
    assert "email.away" in [record.message for record in caplog.records]


@pytest.fixture
async def examined(settings: Settings, post: Post, tmp_path: Path) -> AsyncIterator[Examined]:
    """What the doctor says of an SMSC and a mail server that want a password, asked with this one."""
    door, mail = Door(free_port(), NAME, PASSWORD), LockedMail(AUTHORITY.server(tmp_path))

    async def said(password: str) -> list[str]:
        known = {"password": SecretStr(password), "ca": AUTHORITY.pem}
        sms = settings.sms.model_copy(update=known | {"port": door.port, "system_id": NAME})
        email = settings.email.model_copy(update=known | {"port": mail.port, "user": NAME, "tls": "starttls"})
        here = settings.model_copy(update={"sms": sms, "email": email})
        return [(await look("", see(here), "")).state for see in (see_sms, see_mail)]

    async with doing(Smsc(tmp_path, door, 0x1501).run()), doing(mail.run()):
        await asyncio.sleep(0.2)
        yield Examined(said, door.port)


async def test_the_doctor_enters_as_the_worker_would(examined: Examined, post: Post) -> None:
    assert await examined.said(PASSWORD) == ["127.0.0.1 впускает нас"] * 2
    refused = await examined.said(WRONG)
    assert refused[0] == "отказывает: оператор связи не принимает пароль (0x0000000E)"
    assert refused[1].startswith("отказывает: (535")
    async with post.sms(examined.port, **KNOWN):
        await asyncio.sleep(1)
        assert (await examined.said(WRONG))[0] == "сеанс с 127.0.0.1 держит рабочий процесс"
