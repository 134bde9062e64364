"""A provider of messages as a process sees one: what goes out, what the answer means, and whose certificates count."""

import ssl
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from schemas.base import Value


class Outgoing(Value):
    """A message on its way out; the provider may know it by its id."""

    id: UUID
    address: str
    subject: str
    text: str


class Verdict(StrEnum):
    """TAKEN: the whole message is the provider's now. LATER: what was not taken, surely was not. REFUSED: it never
    will be. LOST: nobody knows, the answer did not come."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    LOST = "lost"


class Answer(Value):
    """What became of a try; `ids` are the provider's names of the parts that it took in this one."""

    verdict: Verdict
    ids: tuple[str, ...] = ()
    why: str = ""


def trusting(authorities: str) -> ssl.SSLContext:
    """Return the rules of an encrypted connection: only these authorities (PEM) count; without any, the machine's."""
    return ssl.create_default_context(cadata=authorities or None)


class Provider(Protocol):
    """`dedupes`: what comes twice under the same id of ours goes out once."""

    @property
    def name(self) -> str: ...

    @property
    def dedupes(self) -> bool: ...

    async def send(self, message: Outgoing, taken: int) -> Answer:
        """Send the message, but for the first `taken` parts, which an earlier try brought over."""
