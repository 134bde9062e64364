"""An SMSC that does what a test tells it to: throttle, refuse, keep silent, send receipts when it likes."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import smpp34

DELIVERED, UNDELIVERABLE, EXPIRED = 2, 5, 3


class ScriptedSmsc:
    """A real server whose answers are a function of the test; without one it takes everything and keeps silent."""

    def __init__(self, port: int, answer: "Behaviour | None" = None) -> None:
        self.port = port
        self.server = smpp34.Server("127.0.0.1", port)
        self.answer = answer or take
        self.got: list[smpp34.SubmitSmEvent] = []
        self.sessions: list[smpp34.Esme] = []
        self.numbers = count(1)

    async def run(self) -> None:
        await self.server.start()
        doing: set[asyncio.Task[None]] = set()
        try:
            while True:
                said = await self.server.next()
                if isinstance(said, smpp34.Esme):
                    self.sessions.append(said)
                elif isinstance(said, smpp34.SubmitSmEvent):
                    self.got.append(said)
                    doing.add(asyncio.ensure_future(self.answer(self, said)))
        finally:
            for task in doing:
                task.cancel()
            await self.server.stop()

    def new_id(self) -> str:
        return f"id{next(self.numbers)}"

    async def receipt(self, provider_id: str, state: int = DELIVERED) -> bool:
        """Send a receipt over the newest session; return whether it was acknowledged."""
        tlvs = [smpp34.Tlv(0x001E, provider_id.encode() + b"\0"), smpp34.Tlv(0x0427, bytes([state]))]
        answer = await self.sessions[-1].deliver_sm("Pult", b"", source_addr="7999", esm_class=4, tlvs=tlvs)
        return answer.is_success

    @property
    def texts(self) -> list[str]:
        return [said.short_message.decode("latin-1") for said in self.got]


Behaviour = Callable[[ScriptedSmsc, smpp34.SubmitSmEvent], Awaitable[None]]


async def take(smsc: ScriptedSmsc, said: smpp34.SubmitSmEvent) -> None:
    said.accept(smsc.new_id())


async def deliver(smsc: ScriptedSmsc, said: smpp34.SubmitSmEvent) -> None:
    provider_id = smsc.new_id()
    said.accept(provider_id)
    await smsc.receipt(provider_id)


async def deliver_before_the_answer(smsc: ScriptedSmsc, said: smpp34.SubmitSmEvent) -> None:
    provider_id = smsc.new_id()
    assert await smsc.receipt(provider_id)
    said.accept(provider_id)


async def keep_silent(smsc: ScriptedSmsc, said: smpp34.SubmitSmEvent) -> None:
    await asyncio.sleep(3600)


def first(status: int, times: int, then: Behaviour = deliver) -> Behaviour:
    """Answer the first few with a status, and go on as `then`."""

    async def answer(smsc: ScriptedSmsc, said: smpp34.SubmitSmEvent) -> None:
        if len(smsc.got) <= times:
            said.reject(status)
        else:
            await then(smsc, said)

    return answer
