"""Settings: what is missing or wrong is one sentence, not a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.settings import Settings, SettingsError, read_settings

ROOT = Path(__file__).parent.parent.parent

KEY = "k1:" + "A" * 43 + "="
COMPLETE = {
    "DATABASE__URL": "postgresql+asyncpg://app@db/pult",
    "VALKEY__URL": "redis://valkey",
    "TEMPORAL__ADDRESS": "temporal:7233",
    "SECURITY__PAYLOAD_KEY": KEY,
    "SECURITY__PEPPER": "перец чёрный молотый",
}


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if "__" in name:
            monkeypatch.delenv(name)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_settings_are_read() -> None:
    settings = read_settings()
    assert settings.security.payload_keys == {"k1": bytes(32)}
    assert settings.centre.talk_norm.total_seconds() == 600


def test_a_missing_secret_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECURITY__PEPPER")
    with pytest.raises(SettingsError, match=r"^Не заданы настройки: SECURITY__PEPPER\. "):
        read_settings()


def test_a_missing_group_names_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECURITY__PEPPER")
    monkeypatch.delenv("SECURITY__PAYLOAD_KEY")
    with pytest.raises(SettingsError, match="SECURITY__PAYLOAD_KEY, SECURITY__PEPPER"):
        read_settings()


def test_a_short_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURITY__PAYLOAD_KEY", "k1:c2VjcmV0")
    with pytest.raises(SettingsError, match="SECURITY__PAYLOAD_KEY задана неверно") as refused:
        read_settings()
    assert "c2VjcmV0" not in str(refused.value)


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECURITY__PEPPER")
    (tmp_path / "pepper").write_text("перец из файла, красный\n")
    monkeypatch.setenv("SECURITY__PEPPER_FILE", str(tmp_path / "pepper"))
    assert read_settings().security.pepper.get_secret_value() == "перец из файла, красный"


def test_no_secret_is_shown_by_printing() -> None:
    assert "перец" not in repr(read_settings())


def test_a_process_without_settings_ends_with_status_2(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "worker.cli", "relay"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Не заданы настройки: DATABASE__URL, ")
    assert ended.stderr.count("\n") == 1


def test_the_example_names_every_setting_and_nothing_else() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named == set(setting_names_of(Settings))


def test_the_example_can_be_read_once_its_secrets_are_filled(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())
    settings = read_settings()
    assert settings.security.session_idle.total_seconds() == 1800
    assert settings.web.host == "0.0.0.0"


def setting_names_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_names_of(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()


def test_objects_lie_in_the_folder_of_files_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = read_settings().storage.place
    assert url == f"file://{Path('var/files/objects').absolute()}"
    monkeypatch.setenv("STORAGE__URL", "/srv/files")
    with pytest.raises(SettingsError, match="STORAGE__URL задана неверно"):
        read_settings()


def test_the_key_of_an_s3_storage_may_come_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("very secret\n")
    monkeypatch.setenv("STORAGE__URL", "s3://talks/centre")
    monkeypatch.setenv("STORAGE__SECRET_FILE", str(tmp_path / "secret"))
    storage = read_settings().storage
    assert (storage.place[0], storage.place[1]["secret"]) == ("s3://talks/centre", "very secret")
    assert "very secret" not in repr(storage)


def test_a_deployment_without_a_build_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL__DEPLOYMENT", "pult")
    with pytest.raises(SettingsError, match="TEMPORAL__BUILD_ID задана неверно: задано имя развёртывания"):
        read_settings()
    monkeypatch.setenv("TEMPORAL__BUILD_ID", "1.0-5f65cdf")
    assert read_settings().temporal.build_id == "1.0-5f65cdf"
