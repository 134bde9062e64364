"""What a process remembers is encrypted, and stays readable over a change of keys."""

import pytest
from temporalio.converter import DataConverter

from schemas.call import StartCall
from tests.people import ANNA_NUMBER
from worker.payload import Converter, Unreadable, converter

OLD, NEW = {"k1": b"1" * 32}, {"k2": b"2" * 32, "k1": b"1" * 32}


async def test_it_works(inbound: StartCall) -> None:
    payloads = await converter(OLD).encode([inbound])
    assert await converter(OLD).decode(payloads, [StartCall]) == [inbound]


async def test_every_task_uses_the_same_parts() -> None:
    one, other = Converter(), Converter()
    assert [*one.converters.values()] == [*other.converters.values()]


async def test_no_plain_text_is_left(inbound: StartCall) -> None:
    payload = (await converter(OLD).encode([inbound]))[0].SerializeToString()
    assert ANNA_NUMBER.encode() not in payload
    assert b"json" not in payload


async def test_the_same_value_never_looks_the_same(inbound: StartCall) -> None:
    first, second = await converter(OLD).encode([inbound, inbound])
    assert first.data != second.data


async def test_an_old_key_still_reads(inbound: StartCall) -> None:
    payloads = await converter(OLD).encode([inbound])
    assert await converter(NEW).decode(payloads, [StartCall]) == [inbound]
    assert (await converter(NEW).encode([inbound]))[0].metadata["key-id"] == b"k2"


async def test_a_foreign_key_is_named(inbound: StartCall) -> None:
    payloads = await converter(NEW).encode([inbound])
    with pytest.raises(Unreadable, match="k2"):
        await converter(OLD).decode(payloads, [StartCall])


async def test_a_changed_byte_is_noticed(inbound: StartCall) -> None:
    payload = (await converter(OLD).encode([inbound]))[0]
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(Unreadable):
        await converter(OLD).decode([payload], [StartCall])


async def test_texts_of_failures_are_encrypted() -> None:
    assert "Анна" not in await encoded_failure(converter(OLD))


async def encoded_failure(with_converter: DataConverter) -> str:
    from temporalio.api.failure.v1 import Failure

    failure = Failure()
    await with_converter.encode_failure(ValueError("Анна не найдена"), failure)
    return str(failure) + failure.SerializeToString().decode(errors="ignore")
