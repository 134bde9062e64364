"""Everything that may differ between two installations, read once by a composition root."""

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.settings_base import FROZEN, Seconds
from config.settings_message import EmailSettings, ProvidersSettings, SmsSettings

KEY_BYTES = 32


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one sentence for the person at the terminal."""


class DatabaseSettings(BaseModel):
    model_config = FROZEN

    url: SecretStr
    # Only `pult migrate` needs the owner; the other processes must work without knowing it.
    owner_url: SecretStr | None = None
    pool_size: int = Field(default=10, ge=1)


class ValkeySettings(BaseModel):
    model_config = FROZEN

    url: SecretStr


class TemporalSettings(BaseModel):
    model_config = FROZEN

    address: str
    namespace: str = "default"
    # Prefix of the queues: <prefix>-call, <prefix>-process, <prefix>-message.
    task_queue: str = "pult"
    tls: bool = False
    # With a name here, calls stay with the build of the worker that began them; `pult deploy` leads new ones.
    deployment: str = Field(default="", pattern=r"^[\w-]*$")
    build_id: str = Field(default="", pattern=r"^[\w.-]*$", validate_default=True)

    @field_validator("build_id")
    @classmethod
    def check_build_id(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("deployment") and not value:
            raise ValueError("задано имя развёртывания, назовите и сборку")
        return value


class SecuritySettings(BaseModel):
    model_config = FROZEN

    # «id:base64», several by comma: the first encrypts, all decrypt.
    payload_key: SecretStr
    pepper: SecretStr = Field(min_length=16)
    session_idle: Seconds = timedelta(minutes=30)
    session_absolute: Seconds = timedelta(hours=14)
    cookie_secure: bool = True
    login_by_snils: bool = False

    @field_validator("payload_key")
    @classmethod
    def check_payload_key(cls, value: SecretStr) -> SecretStr:
        read_keys(value.get_secret_value())
        return value

    @property
    def payload_keys(self) -> dict[str, bytes]:
        """Keys by id, the one that encrypts first."""
        return read_keys(self.payload_key.get_secret_value())


class LineSettings(BaseModel):
    model_config = FROZEN

    ice_servers: tuple[dict[str, Any], ...] = ()
    # Whoever types a number may be called under it: for a demo, where nobody's real number is at stake.
    trust_typed_numbers: bool = False


class CentreSettings(BaseModel):
    model_config = FROZEN

    name: str = "Контакт-центр"
    zone: str = "Europe/Moscow"
    talk_norm: Seconds = timedelta(minutes=10)


class StorageSettings(BaseModel):
    model_config = FROZEN

    # Documents lie in this folder, and recordings too unless `url` says otherwise.
    path: Path = Path("var/files")
    # file:///folder, or s3://bucket/prefix.
    url: str = ""
    endpoint: str = ""
    region: str = ""
    key: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")

    @field_validator("url")
    @classmethod
    def check_url(cls, value: str) -> str:
        if value and not value.startswith(("file:///", "s3://")):
            raise ValueError("нужен вид file:///папка или s3://хранилище/приставка")
        return value

    @property
    def place(self) -> tuple[str, dict[str, str]]:
        """Where objects lie, and how to log in there."""
        url = self.url or f"file://{self.path.absolute() / 'objects'}"
        secrets = {"key": self.key.get_secret_value(), "secret": self.secret.get_secret_value()}
        return url, {"endpoint": self.endpoint, "region": self.region, **secrets}


class RecordingSettings(BaseModel):
    model_config = FROZEN

    keep_days: int = Field(default=180, ge=1)


class WebhookSettings(BaseModel):
    model_config = FROZEN

    # Let webhooks go to http:// and to addresses of the own network: only where their receivers stand there.
    allow_internal: bool = False


class WebSettings(BaseModel):
    model_config = FROZEN

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    # Addresses of the proxy whose X-Forwarded-* we believe, by comma.
    trusted_proxy: str = ""
    # /metrics for other machines too: it names no people, but tells strangers how busy the centre is.
    metrics_open: bool = False


class SecretFiles(PydanticBaseSettingsSource):
    """`DATABASE__URL_FILE=/run/secrets/url` gives `DATABASE__URL`, as container platforms hand secrets out."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, path in os.environ.items():
            group, _, field = name.lower().partition("__")
            if field.endswith("_file") and group in self.settings_cls.model_fields:
                found.setdefault(group, {})[field.removesuffix("_file")] = Path(path).read_text().strip()
        return found


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_nested_delimiter="__",
        env_file=".env",
        frozen=True,
        extra="ignore",
        nested_model_default_partial_update=True,
    )

    database: DatabaseSettings
    valkey: ValkeySettings
    temporal: TemporalSettings
    security: SecuritySettings
    line: LineSettings = LineSettings()
    centre: CentreSettings = CentreSettings()
    storage: StorageSettings = StorageSettings()
    recording: RecordingSettings = RecordingSettings()
    sms: SmsSettings = SmsSettings()
    email: EmailSettings = EmailSettings()
    providers: ProvidersSettings = ProvidersSettings()
    web: WebSettings = WebSettings()
    webhook: WebhookSettings = WebhookSettings()
    demo: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings


def read_keys(text: str) -> dict[str, bytes]:
    """Read «id:base64,id:base64» and refuse a key of another length."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, encoded = part.strip().partition(":")
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except ValueError:
            keys[name] = b""
        if not name or len(keys[name]) != KEY_BYTES:
            raise ValueError("нужен вид «имя:ключ», где ключ — 32 байта в base64")
    return keys


def read_settings(**given: Any) -> Settings:
    """Settings from the environment, `.env` and secret files, or one sentence about the first thing wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(explain(error)) from None
    except OSError as error:
        raise SettingsError(f"Не читается файл с секретом: {error.filename} ({error.strerror}).") from None


def explain(error: ValidationError) -> str:
    """One Russian sentence that names the settings and the mend."""
    first = error.errors()[0]
    if first["type"] == "missing":
        names = ", ".join(name for e in error.errors() if e["type"] == "missing" for name in setting_names(e["loc"]))
        return f"Не заданы настройки: {names}. Задайте их в окружении или в .env (образец: .env.example)."
    reason = first["msg"].removeprefix("Value error, ")
    return f"Настройка {setting_names(first['loc'])[0]} задана неверно: {reason}."


def setting_names(loc: tuple[int | str, ...]) -> list[str]:
    """Environment names meant by a place in the settings; a missing group means its required members."""
    name = "__".join(str(part).upper() for part in loc)
    group = Settings.model_fields[str(loc[0])].annotation
    if len(loc) > 1 or not (isinstance(group, type) and issubclass(group, BaseModel)):
        return [name]
    return [f"{name}__{field.upper()}" for field, info in group.model_fields.items() if info.is_required()]
