"""Secrets of telephone pages: derived, so that a repeat gets the same one although only its hash is kept."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

LEG, PAGE = "line-leg", "line-page"


def derive(pepper: bytes, kind: str, thing_id: UUID) -> str:
    """Return the secret of a leg or of a page."""
    digest = hmac.digest(pepper, f"{kind}/{thing_id}".encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def is_right(secret: str | None, kept: bytes | None) -> bool:
    """Whether this is the secret whose hash is kept."""
    return secret is not None and hmac.compare_digest(hash_of(secret), kept or b"")
