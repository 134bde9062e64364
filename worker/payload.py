"""Encryption of everything that a process remembers: names and numbers never stand in a history as they are."""

import os
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

ENCODING = b"binary/aes-gcm"
NONCE_BYTES = 12


class Unreadable(Exception):
    """A payload was encrypted by a key that this installation does not have, or was tampered with."""


class Codec(PayloadCodec):
    """AES-GCM with the key's id beside the payload: the first key encrypts, every key decrypts."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name.encode(): AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(self._ciphers))

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Encrypt each payload whole, its metadata (the type of what is inside) too."""
        return [self._lock(payload) for payload in payloads]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Decrypt; what was never encrypted passes as it is."""
        return [self._unlock(p) if p.metadata.get("encoding") == ENCODING else p for p in payloads]

    def _lock(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), self._current)
        return Payload(metadata={"encoding": ENCODING, "key-id": self._current}, data=nonce + sealed)

    def _unlock(self, payload: Payload) -> Payload:
        name = payload.metadata.get("key-id", b"")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unreadable(f"нет ключа «{name.decode(errors='replace')}»")
        try:
            opened = cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], name)
        except InvalidTag:
            raise Unreadable(f"запись не подходит к ключу «{name.decode(errors='replace')}»") from None
        return Payload.FromString(opened)


class Converter(CompositePayloadConverter):
    """Pydantic values. The library makes a converter for every task; the parts of ours are made once."""

    PARTS = tuple(PydanticPayloadConverter().converters.values())

    def __init__(self) -> None:
        super().__init__(*self.PARTS)


def converter(keys: Mapping[str, bytes]) -> DataConverter:
    """Return the converter of all our clients: Pydantic values, encrypted, texts of failures too."""
    return DataConverter(
        payload_converter_class=Converter,
        payload_codec=Codec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
