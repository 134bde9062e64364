"""What somebody types must not lead into our own network, whatever it is wrapped in."""

import httpx
import pytest

from activities.webhook_address import INSIDE, SPELT, UNKNOWN, Guard, Lookup, Unsafe, is_public
from activities.webhook_post import NO_CONNECTION, Post
from schemas.webhook import sign
from tests.receiver import receiving

INTERNAL = """127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.100.100.200 224.0.0.1
240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2001:db8::1"""
PUBLIC = "8.8.8.8 77.88.55.88 2a02:6b8::2:242"


def answers(*ips: str) -> Lookup:
    async def lookup(host: str, port: int) -> list[str]:
        return list(ips)

    return lookup


async def refusal(guard: Guard, url: str) -> str:
    with pytest.raises(Unsafe) as refused:
        await guard.target(url)
    return refused.value.sentence


@pytest.mark.parametrize("ip", INTERNAL.split())
async def test_an_internal_address_is_refused_by_any_name(ip: str) -> None:
    assert not is_public(ip)
    assert await refusal(Guard(lookup=answers("8.8.8.8", ip)), "https://hooks.example.org/") == INSIDE


@pytest.mark.parametrize("ip", PUBLIC.split())
async def test_a_public_address_is_pinned(ip: str) -> None:
    target = await Guard(lookup=answers(ip)).target("https://hooks.example.org:8443/a?b=1")
    assert (target.pinned.host, target.pinned.port, target.url.host) == (ip, 8443, "hooks.example.org")


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_real_resolver_does_not_let_this_machine_through(host: str) -> None:
    assert await refusal(Guard(), f"https://{host}/hook") == INSIDE


@pytest.mark.parametrize(
    "url", ["http://a.ru/", "ftp://a.ru/", "https://", "a.ru/x", "https://me:pw@a.ru/", "https://a.ru/#x"]
)
async def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    assert await refusal(Guard(lookup=answers("8.8.8.8")), url) == SPELT


async def test_an_unknown_name_may_be_known_later() -> None:
    with pytest.raises(Unsafe) as refused:
        await Guard(lookup=answers()).target("https://nowhere.example.org/")
    assert (refused.value.sentence, refused.value.may_mend) == (UNKNOWN, True)


async def test_a_name_that_leads_inside_by_the_time_of_the_delivery_gets_nothing() -> None:
    async with receiving(200) as receiver:
        url = receiver.url.replace("http://127.0.0.1", "https://rebound.example.org")
        assert await refusal(Guard(lookup=answers("127.0.0.1")), url) == INSIDE
        answer = await Post(Guard(lookup=answers("127.0.0.1"))).send(url, {}, b"{}")
        assert (answer.code, answer.text, answer.is_final, receiver.got) == (None, INSIDE, True, [])


async def test_the_name_is_asked_once_and_the_connection_goes_there() -> None:
    asked = []

    async def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    async with receiving(200) as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.org")
        answer = await Post(Guard(True, lookup)).send(url, {}, b"{}")
        assert (answer.code, asked) == (200, ["hooks.example.org"])
        assert receiver.got[0].headers["host"] == httpx.URL(url).netloc.decode()


async def test_a_redirect_is_not_followed_and_an_endless_answer_not_read() -> None:
    async with receiving(302, text=b"\x00" + b"x" * 10_000_000) as receiver:
        answer = await Post(Guard(True)).send(receiver.url, {}, b"{}")
        assert (answer.code, answer.is_good, answer.text) == (302, False, "x" * 199)
        assert len(receiver.got) == 1


async def test_a_closed_port_is_told_in_words() -> None:
    assert (await Post(Guard(True)).send("http://127.0.0.1:1/", {}, b"{}")).text == NO_CONNECTION


def test_the_signature_is_the_one_of_the_specification() -> None:
    signed = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
