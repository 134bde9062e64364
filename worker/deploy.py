"""`pult deploy`: which build of the worker takes new calls, and which ones still finish theirs."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from temporalio.api.deployment.v1 import WorkerDeploymentInfo, WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from config.settings import Settings
from worker.temporal import connect
from worker.trouble import Trouble

LOOK_EVERY = 0.5
REGISTERS_WITHIN = timedelta(seconds=60)
DONE, STILL_DRAINING, NOT_POSSIBLE = 0, 1, 2
Summary = WorkerDeploymentInfo.WorkerDeploymentVersionSummary
STATES = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
}
WORDS = {
    "current": "принимает новые звонки",
    "ramping": "принимает часть новых звонков",
    "draining": "доводит свои звонки, останавливать нельзя",
    "drained": "свободна, её исполнителей можно остановить",
    "inactive": "звонков ещё не принимала",
}


@dataclass(frozen=True)
class Build:
    """One build of the worker: `calls` are those under way in it."""

    build: str
    state: str
    calls: int
    since: datetime

    def line(self, as_json: bool, zone: ZoneInfo) -> str:
        """Return the build for a program or for a person."""
        if as_json:
            return json.dumps({**self.__dict__, "since": self.since.isoformat()})
        since = self.since.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")
        return f"{self.build:<20} {WORDS[self.state]} (с {since}); звонков сейчас: {self.calls}"


@dataclass(frozen=True)
class Deployment:
    """The builds that Temporal knows under one name."""

    client: Client
    name: str
    queue: str

    async def lead(self, build: str, within: timedelta = REGISTERS_WITHIN) -> None:
        """Have new calls begin in this build, as soon as a worker of it is there."""
        deadline = asyncio.get_running_loop().time() + within.total_seconds()
        while not await self.is_polled(build):
            if asyncio.get_running_loop().time() > deadline:
                raise Trouble(
                    f"Нет ни одного исполнителя сборки {build}: запустите pult worker этой сборки и повторите.",
                    status=NOT_POSSIBLE,
                )
            await asyncio.sleep(LOOK_EVERY)
        await self.client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=self.client.namespace,
                deployment_name=self.name,
                build_id=build,
                identity="pult deploy",
            )
        )

    async def is_polled(self, build: str) -> bool:
        """Whether a worker of this build has come for the processes of calls."""
        version = WorkerDeploymentVersion(deployment_name=self.name, build_id=build)
        request = DescribeWorkerDeploymentVersionRequest(namespace=self.client.namespace, deployment_version=version)
        try:
            found = await self.client.workflow_service.describe_worker_deployment_version(request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        wanted = (self.queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        return wanted in [(one.name, one.type) for one in found.worker_deployment_version_info.task_queue_infos]

    async def builds(self) -> list[Build]:
        """Return the builds that are known, the newest first."""
        request = DescribeWorkerDeploymentRequest(namespace=self.client.namespace, deployment_name=self.name)
        try:
            found = await self.client.workflow_service.describe_worker_deployment(request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return []
            raise
        known = sorted(
            found.worker_deployment_info.version_summaries,
            key=lambda one: one.create_time.ToNanoseconds(),
            reverse=True,
        )
        return [await self._build(one) for one in known]

    async def _build(self, one: Summary) -> Build:
        version = one.deployment_version
        under_way = f"TemporalWorkerDeploymentVersion = '{version.deployment_name}:{version.build_id}'"
        counted = await self.client.count_workflows(f"{under_way} AND ExecutionStatus = 'Running'")
        since = max(
            moment.ToDatetime(UTC) for moment in (one.create_time, one.current_since_time, one.last_deactivation_time)
        )
        return Build(version.build_id, STATES.get(one.status, "inactive"), counted.count, since)


async def deploy(settings: Settings, wanted: "Wanted", say: Callable[[str], None]) -> int:
    """Lead new calls to the wanted build, tell what is known of all, and wait until old ones are empty."""
    temporal = settings.temporal
    if not temporal.deployment:
        raise Trouble("Сборки не различаются: задайте TEMPORAL__DEPLOYMENT.", status=NOT_POSSIBLE)
    try:
        client = await connect(settings, lazy=False)
    except (RPCError, RuntimeError):
        raise Trouble(f"Temporal не отвечает ({temporal.address}).", status=NOT_POSSIBLE) from None
    deployment = Deployment(client, temporal.deployment, f"{temporal.task_queue}-call")
    if not wanted.show:
        await deployment.lead(wanted.build or temporal.build_id)
    builds = await drained(deployment, wanted.wait)
    for build in builds:
        say(build.line(wanted.as_json, ZoneInfo(settings.centre.zone)))
    return STILL_DRAINING if wanted.wait and is_draining(builds) else DONE


@dataclass(frozen=True)
class Wanted:
    """What the command was asked: another build than one's own, only a look, how long to wait for the old ones."""

    build: str = ""
    show: bool = False
    wait: timedelta = timedelta()
    as_json: bool = False


async def drained(deployment: Deployment, wait: timedelta) -> list[Build]:
    """Return the builds, as soon as none has calls to finish or the wait is over."""
    deadline = asyncio.get_running_loop().time() + wait.total_seconds()
    builds = await deployment.builds()
    while is_draining(builds) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(LOOK_EVERY)
        builds = await deployment.builds()
    return builds


def is_draining(builds: list[Build]) -> bool:
    return any(build.state == "draining" for build in builds)
