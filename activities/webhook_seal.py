"""Secrets of webhooks at rest: sealed by the installation's own key, so that a stolen table signs nothing."""

import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Seal:
    """AES-GCM, the key's name before the sealed text: the first key seals, every key opens."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {name.encode(): AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(self._ciphers))

    def close(self, secret: str) -> bytes:
        """Return what may lie in a table."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret.encode(), self._current)
        return self._current + b":" + nonce + sealed

    def open(self, sealed: bytes) -> str:
        """Return the secret."""
        name, _, rest = sealed.partition(b":")
        return self._ciphers[name].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], name).decode()
