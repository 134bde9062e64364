"""A program that cannot run, a disk that is full, a library that is not there: one sentence each."""

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.running import ROOT, until
from worker.libraries import document_trouble
from worker.place import Place
from worker.process import Process
from worker.revision import VERSIONS, newest_revision
from worker.trouble import Trouble, disk_trouble


async def ended(tmp_path: Path, script: str) -> str:
    process = Process(name="Служба", argv=["/bin/sh", "-c", script], log=tmp_path / "log")
    process.start()
    assert await process.ended(10)
    return str(process.trouble())


async def test_a_missing_library_of_a_program_is_named(tmp_path: Path) -> None:
    said = await ended(tmp_path, "echo 'x: error while loading shared libraries: libz.so.1: cannot open' >&2; exit 127")
    assert said.startswith("Не хватает системной библиотеки libz.so.1: установите её")


async def test_a_disk_that_filled_up_is_named(tmp_path: Path) -> None:
    assert "На диске нет места" in await ended(tmp_path, "echo 'FATAL: No space left on device' >&2; exit 1")


async def test_any_other_end_gives_its_last_words(tmp_path: Path) -> None:
    said = await ended(tmp_path, "echo 'bad day'; exit 3")
    assert said == f"Не запускается Служба (код 3), причина в {tmp_path / 'log'}: bad day"


async def test_a_program_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo deaf; sleep 60"
    process = Process(name="Упрямая", argv=["/bin/sh", "-c", script], log=tmp_path / "log", patience=0.5)
    process.start()
    assert await asyncio.to_thread(until, lambda: "deaf" in process.tail(), 10)
    await process.stop()
    assert process.code == -9


def test_a_full_disk_is_refused_before_anything_is_written() -> None:
    # The process file system has no room, whoever asks.
    with pytest.raises(Trouble, match="На диске нет места"):
        Place(Path("/proc/self")).check_room()


def test_a_disk_that_fills_up_while_writing_is_a_sentence() -> None:
    trouble = disk_trouble(OSError(errno.ENOSPC, "No space left on device", "var/secrets/pepper"))
    assert str(trouble) == "На диске нет места (var/secrets/pepper): освободите место и запустите снова."


def test_missing_libraries_of_documents_name_their_packages() -> None:
    assert document_trouble(()) is None
    said = document_trouble((("libnowhere.so.1", "libnowhere1"),))
    assert said is not None
    assert said.endswith("apt-get install libnowhere1")


def test_a_folder_that_cannot_be_made_is_a_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "worker.cli", "up", "--var", "/proc/nowhere"], cwd=ROOT, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Нет такой папки или файла: /proc/nowhere.")


def test_doctor_names_what_does_not_answer_and_the_mend(tmp_path: Path) -> None:
    settings = {
        "DATABASE__URL": "postgresql+asyncpg://nobody:x@127.0.0.1:1/pult",
        "VALKEY__URL": "redis://127.0.0.1:1",
        "TEMPORAL__ADDRESS": "127.0.0.1:1",
        "SECURITY__PAYLOAD_KEY": "k1:" + "A" * 43 + "=",
        "SECURITY__PEPPER": "p" * 16,
    }
    argv = [sys.executable, "-m", "worker.cli", "doctor", "--var", str(tmp_path)]
    ended = subprocess.run(argv, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "✗ PostgreSQL: не отвечает" in ended.stdout
    assert "проверьте TEMPORAL__ADDRESS" in ended.stdout
    assert "✓ SMS: отправка не настроена, Пульт отказывает в ней: чтобы отправлять, задайте SMS__HOST" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_newest_revision_is_the_one_alembic_means() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()
