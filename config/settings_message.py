"""Settings of messages: the providers of SMS and e-mail, and the local ones in their place."""

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from config.settings_base import FROZEN, Seconds


def check_certificates(value: str) -> str:
    """Refuse at the start what would fail at each connection."""
    try:
        ssl.create_default_context(cadata=value or None)
    except ssl.SSLError:
        raise ValueError("нужны сертификаты в виде PEM") from None
    return value


class SmsSettings(BaseModel):
    model_config = FROZEN

    # Without a host nothing is sent: the doors refuse it.
    host: str = ""
    port: int = Field(default=2775, ge=1, le=65535)
    system_id: str = Field(default="", max_length=15)
    password: SecretStr = SecretStr("")
    tls: bool = False
    # Who vouches for the provider's certificate (PEM, best by SMS__CA_FILE); empty: whom this machine trusts.
    ca: str = ""
    # Whom citizens see as the sender: a name or a number that the provider knows.
    source: str = Field(default="", max_length=20)
    # Whether the provider sends once what comes twice under our id, and in which of its TLVs it looks for that.
    dedupes: bool = False
    id_tag: int = Field(default=0x1501, ge=0x1400, le=0x3FFF)
    # Messages per second that the contract allows; parts under way at once.
    rate: float = Field(default=50, gt=0)
    window: int = Field(default=10, ge=1, le=100)

    check_ca = field_validator("ca")(check_certificates)


class EmailSettings(BaseModel):
    model_config = FROZEN

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "none"
    ca: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    # From of every letter: «Контакт-центр <info@example.org>».
    sender: str = Field(default="", validate_default=True)
    dedupes: bool = False
    rate: float = Field(default=10, gt=0)

    check_ca = field_validator("ca")(check_certificates)

    @field_validator("sender")
    @classmethod
    def check_sender(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("host") and "@" not in value:
            raise ValueError("нужен адрес отправителя")
        return value


class ProvidersSettings(BaseModel):
    model_config = FROZEN

    # Where `pult providers` keeps what it takes.
    outbox: Path = Path("var/outbox")
    receipts_after: Seconds = timedelta(seconds=1)
