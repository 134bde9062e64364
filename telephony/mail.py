"""E-mail by SMTP: one kept connection, our own message id, the server's answers in our words."""

import asyncio
import contextlib
import html
import logging
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from email.utils import formatdate

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPRecipientRefused, SMTPResponseException
from aiosmtplib.errors import SMTPConnectError, SMTPServerDisconnected

from telephony.provider import Answer, Outgoing, Verdict, trusting

WIRE = MAIL.clone(cte_type="7bit")
"""Seven bits pass every server on the way."""
NAME = "email"
PATIENCE = 20.0
FAREWELL = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
REFUSED_PAUSE = 30.0
"""Who comes again and again with a wrong password is locked out."""
LONGEST_WHY = 300
WITH_UTF8 = ("SMTPUTF8", "BODY=8BITMIME")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailAccess:
    """Where the mail server is, how it knows us, and whose name letters carry. `tls`: none, starttls or tls;
    `authorities` (PEM): who vouches for its certificate."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "none"
    authorities: str = ""
    dedupes: bool = False

    @property
    def domain(self) -> str:
        """Our domain, for the ids of letters."""
        return ascii_domain(self.sender).rpartition("@")[2].rstrip(">") or "localhost"


class Mail:
    """The provider of e-mail: letters go one after another over a connection that stays."""

    name = NAME

    def __init__(self, access: MailAccess) -> None:
        self._access = access
        self._turn = asyncio.Lock()
        self._smtp: SMTP | None = None
        self._away_until, self._pause = 0.0, FIRST_PAUSE

    @property
    def dedupes(self) -> bool:
        return self._access.dedupes

    async def send(self, message: Outgoing, taken: int) -> Answer:
        """Hand the letter over; only a connection that breaks under the letter itself leaves a doubt."""
        if taken:
            return Answer(verdict=Verdict.TAKEN)
        letter = letter_of(message, self._access)
        async with self._turn:
            smtp = await self._ready(letter)
            if smtp is None:
                return Answer(verdict=Verdict.LATER)
            try:
                return await self._hand_over(smtp, letter, ascii_domain(message.address))
            except BaseException:
                await self.close()
                raise

    async def close(self) -> None:
        """Take leave."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None and smtp.is_connected:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await smtp.quit()
            smtp.close()

    async def _ready(self, letter: EmailMessage) -> SMTP | None:
        """Return a connection on which the server has taken the sender; one that died of silence is made anew."""
        clock = asyncio.get_running_loop().time
        if clock() < self._away_until:
            return None
        for is_last in (False, True):
            try:
                smtp = await self._connected()
                await smtp.mail(letter["From"].addresses[0].addr_spec, options=_options(smtp, letter))
                self._pause = FIRST_PAUSE
                return smtp
            except (SMTPException, OSError) as error:
                await self.close()
                if is_last or not isinstance(error, SMTPServerDisconnected | SMTPConnectError):
                    self._away_until = clock() + self._pause_after(error)
                    return None
        return None

    def _pause_after(self, error: Exception) -> float:
        """Say in the log why nothing goes out, and return for how long nothing is tried."""
        if isinstance(error, SMTPAuthenticationError):
            log.error("email.refused", extra={"why": f"{error.code} {error.message}"[:LONGEST_WHY]})
            return REFUSED_PAUSE
        log.warning("email.away", extra={"error": type(error).__name__, "why": str(error)[:LONGEST_WHY]})
        pause, self._pause = self._pause, min(LONGEST_PAUSE, self._pause * 2)
        return pause

    async def _connected(self) -> SMTP:
        if self._smtp is None or not self._smtp.is_connected:
            self._smtp = await enter(self._access)
        return self._smtp

    async def _hand_over(self, smtp: SMTP, letter: EmailMessage, address: str) -> Answer:
        try:
            await smtp.rcpt(address, encoding="utf-8")
        except SMTPRecipientRefused as error:
            await self._begin_anew(smtp)
            return _refusal(error)
        except (SMTPException, OSError):
            await self.close()
            return Answer(verdict=Verdict.LATER)
        try:
            await smtp.data(letter.as_bytes(policy=WIRE))
        except SMTPResponseException as error:
            await self._begin_anew(smtp)
            return _refusal(error)
        except (SMTPException, OSError):
            await self.close()
            return Answer(verdict=Verdict.LOST)
        return Answer(verdict=Verdict.TAKEN, ids=(letter["Message-ID"],))

    async def _begin_anew(self, smtp: SMTP) -> None:
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            await self.close()


async def enter(access: MailAccess) -> SMTP:
    """Connect, encrypted and logged in as far as was agreed, or raise."""
    smtp = SMTP(
        hostname=access.host,
        port=access.port,
        username=access.user or None,
        password=access.password or None,
        use_tls=access.tls == "tls",
        start_tls=access.tls == "starttls",
        tls_context=trusting(access.authorities) if access.tls != "none" else None,
        timeout=PATIENCE,
    )
    await smtp.connect()
    return smtp


def letter_of(message: Outgoing, access: MailAccess) -> EmailMessage:
    """Return the letter: the text as it is, and the same as HTML."""
    letter = EmailMessage(policy=WIRE)
    letter["From"] = ascii_domain(access.sender)
    letter["To"] = ascii_domain(message.address)
    letter["Subject"] = message.subject
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = f"<{message.id}@{access.domain}>"
    letter.set_content(message.text)
    letter.add_alternative(as_html(message.text), subtype="html")
    return letter


def as_html(text: str) -> str:
    """Return the text as a page of paragraphs, every character of it as text."""
    paragraphs = html.escape(text.replace("\r\n", "\n")).split("\n\n")
    body = "".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)
    return f'<!doctype html><html lang="ru"><head><meta charset="utf-8"></head><body>{body}</body></html>'


def ascii_domain(address: str) -> str:
    """Return the address with its domain as the mail's protocol writes it: почта.рф has another name there."""
    before, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    tail = ">" if domain.endswith(">") else ""
    return f"{before}{at}{domain.removesuffix('>').encode('idna').decode()}{tail}"


def _options(smtp: SMTP, letter: EmailMessage) -> tuple[str, ...]:
    is_plain = str(letter["To"]).isascii()
    return () if is_plain or not smtp.supports_extension("smtputf8") else WITH_UTF8


def _refusal(error: SMTPResponseException) -> Answer:
    """4xx means another time; the words go to the row only: they may name the address."""
    verdict = Verdict.REFUSED if error.code >= 500 else Verdict.LATER
    return Answer(verdict=verdict, why=f"Почтовый сервер отказал: {error.code} {error.message}"[:LONGEST_WHY])
