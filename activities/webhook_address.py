"""The guard of what we connect to: an address that somebody typed must not lead into our own network (SSRF)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

SPELT = "Укажите адрес целиком: https://имя/путь, без имени и пароля в нём."
UNKNOWN = "Такого имени в сети нет."
INSIDE = "Этот адрес ведёт во внутреннюю сеть: уведомления туда не отправляются."
LOOKUP_SECONDS = 3.0
Ip = IPv4Address | IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]


class Unsafe(Exception):
    """The address is not one that we may connect to; the sentence says why. `may_mend`: it may be one later."""

    def __init__(self, sentence: str, may_mend: bool = False) -> None:
        self.sentence, self.may_mend = sentence, may_mend
        super().__init__(sentence)


@dataclass(frozen=True)
class Target:
    """Where to connect: the IP that was looked at, so that a second answer of the name server changes nothing."""

    url: httpx.URL
    ip: str

    @property
    def pinned(self) -> httpx.URL:
        return self.url.copy_with(host=self.ip)


async def lookup(host: str, port: int) -> list[str]:
    """Ask the name server."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True)
class Guard:
    """`allow_internal` is for a receiver in the same network, and for tests."""

    allow_internal: bool = False
    lookup: Lookup = lookup

    async def target(self, typed: str) -> Target:
        """Return where an address leads now, or raise Unsafe; one internal IP among its IPs is enough to refuse."""
        url = self._read(typed)
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                ips = await self.lookup(url.host, url.port or (443 if url.scheme == "https" else 80))
        except (OSError, TimeoutError, UnicodeError):
            raise Unsafe(UNKNOWN, may_mend=True) from None
        if not ips:
            raise Unsafe(UNKNOWN, may_mend=True)
        if not self.allow_internal and not all(is_public(ip) for ip in ips):
            raise Unsafe(INSIDE)
        return Target(url, ips[0])

    def _read(self, typed: str) -> httpx.URL:
        try:
            url = httpx.URL(typed)
        except httpx.InvalidURL:
            raise Unsafe(SPELT) from None
        schemes = ("https", "http") if self.allow_internal else ("https",)
        if url.scheme not in schemes or not url.host or url.userinfo or url.fragment:
            raise Unsafe(SPELT)
        return url


def is_public(address: str) -> bool:
    """Whether an IP is one of the open network, whatever it is wrapped in."""
    ip = ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (ip, *within(ip)))


def within(ip: Ip) -> Iterator[Ip]:
    """Yield the IPs that an IPv6 address only carries: a gateway would unwrap them."""
    if isinstance(ip, IPv4Address):
        return
    yield from (one for one in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if one is not None)
