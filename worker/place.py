"""The folder where one installation keeps everything: data, secrets, ports, logs, locks."""

import base64
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from worker.trouble import Trouble

REMNANTS_WAIT = 15.0
LEAST_FREE_BYTES = 300 * 1024 * 1024


class Place:
    """`./var` and what is found in it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.owner_lock: int | None = None
        self.services_lock: int | None = None

    def path(self, *parts: str) -> Path:
        """A path below the folder whose parents exist."""
        path = self.root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def folder(self, *parts: str, mode: int = 0o755) -> Path:
        path = self.root.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True, mode=mode)
        return path

    def check_room(self) -> None:
        """Refuse to start on a disk that would be full within minutes."""
        state = os.statvfs(self.folder())
        free = state.f_bavail * state.f_frsize
        if free < LEAST_FREE_BYTES:
            raise Trouble(
                f"На диске нет места: в {self.root} свободно {free // 2**20} МБ, нужно хотя бы "
                f"{LEAST_FREE_BYTES // 2**20} МБ. Освободите место и запустите снова."
            )

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """A secret of this installation, made at first use and readable by its owner only."""
        self.folder("secrets", mode=0o700)
        path = self.root / "secrets" / name
        if not path.exists():
            fresh = path.with_suffix(".new")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        return path.read_text()

    def password(self, name: str) -> str:
        return self.secret(name, lambda: secrets.token_hex(24))

    @property
    def demo_logins(self) -> Path:
        """What the demo's load printed; it is there once the load is complete."""
        return self.root / "secrets" / "demo_logins"

    def payload_key(self) -> str:
        return self.secret("payload_key", lambda: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode())

    def port(self, name: str, busy: int | None = None) -> int:
        """The port of a service: the one it had, unless somebody else took it meanwhile."""
        path = self.path("ports.json")
        ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        if name not in ports or ports[name] == busy or not is_free("127.0.0.1", ports[name]):
            ports[name] = free_port()
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(ports))
            fresh.rename(path)
        return ports[name]

    def claim(self) -> None:
        """Be the only supervisor here, and wait until the processes of a killed one are gone."""
        self.owner_lock = os.open(self.path("pult.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        if not try_lock(self.owner_lock):
            pid = os.read(self.owner_lock, 20).decode().strip()
            raise Trouble(f"Пульт уже запущен (pid {pid}).")
        os.truncate(self.owner_lock, 0)
        os.pwrite(self.owner_lock, f"{os.getpid()}\n".encode(), 0)
        self.claim_services()

    def claim_services(self) -> None:
        # Every service inherits this descriptor: the lock is free when the last of them has died.
        self.services_lock = os.open(self.path("services.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + REMNANTS_WAIT
        while not try_lock(self.services_lock):
            if time.monotonic() > deadline:
                for pid in self.remnants():
                    os.kill(pid, signal.SIGKILL)
                deadline = time.monotonic() + REMNANTS_WAIT
            time.sleep(0.1)

    def leave_environment(self, environment: dict[str, str]) -> None:
        """Write down where everything is, for commands that a person runs beside `pult up`."""
        with open(os.open(self.path("environment"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in environment.items())

    def left_environment(self) -> dict[str, str]:
        path = self.root / "environment"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines)

    def forget(self) -> None:
        """Remove the data of a place that is not running; its secrets stay."""
        for name in ("postgres", "postgres.new", "valkey", "files", "log", "outbox"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for path in (*self.root.glob("temporal.db*"), self.demo_logins, self.root / "environment"):
            path.unlink(missing_ok=True)

    def remnants(self) -> list[int]:
        """Processes of an earlier start: those that hold our lock's file open."""
        lock = str(self.path("services.lock"))
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                held = {os.readlink(link) for link in (folder / "fd").iterdir()}
            except OSError:
                continue
            if lock in held and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        return found


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that the system chose."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
