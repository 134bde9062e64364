"""Worker Versioning on the real server: a call stays with its build, new calls go to the one that leads."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion

from config.settings import Settings
from schemas.call import CallStage
from store.session import Database
from telephony.port import Ring
from tests.centre import Centre, until
from tests.people import People
from worker.deploy import DONE, NOT_POSSIBLE, STILL_DRAINING, Deployment, Wanted, deploy
from worker.temporal import call_activities, call_worker
from worker.trouble import Trouble


@pytest.fixture
def versioned(fresh_database: Database, fresh_people: People, temporal: Client) -> Centre:
    return Centre(fresh_database, fresh_people, temporal)


@pytest.fixture
def deployment(versioned: Centre) -> Deployment:
    return Deployment(versioned.temporal, f"pult-{uuid4().hex[:6]}", f"{versioned.prefix}-call")


@pytest.fixture
def deploying(settings: Settings, versioned: Centre, deployment: Deployment) -> Settings:
    given = {"deployment": deployment.name, "build_id": "2", "task_queue": versioned.prefix}
    return settings.model_copy(update={"temporal": settings.temporal.model_copy(update=given)})


@asynccontextmanager
async def running(centre: Centre, deployment: Deployment, build: str) -> AsyncIterator[None]:
    holders = call_activities(centre.database, centre.exchange, ZoneInfo("Europe/Moscow"))
    version = WorkerDeploymentVersion(deployment.name, build)
    async with call_worker(centre.temporal, centre.prefix, holders, build=version):
        yield


async def build_of(centre: Centre, call_id: UUID) -> str:
    """Return the build that completed the call's last task: the first one takes a moment."""

    async def known() -> str:
        found = await centre.process(call_id).describe()
        build: str = found.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id
        return build

    return await until(known)


async def told(settings: Settings, wanted: Wanted) -> tuple[int, dict[str, dict[str, object]]]:
    said: list[str] = []
    code = await deploy(settings, wanted, said.append)
    return code, {one["build"]: one for one in map(json.loads, said)} if wanted.as_json else {}


@pytest.fixture
async def old(versioned: Centre, deployment: Deployment, deploying: Settings) -> AsyncIterator[Ring]:
    """A talk that build 1 began; build 2 leads since."""
    async with versioned.carrying(), running(versioned, deployment, "1"):
        await deployment.lead("1")
        ring = await versioned.talk()
        async with running(versioned, deployment, "2"):
            await told(deploying, Wanted())
            yield ring


async def test_a_call_stays_with_its_build_and_a_new_one_goes_to_the_next(versioned: Centre, old: Ring) -> None:
    new = await versioned.phone("+79160000002")
    await versioned.reaches(new, CallStage.WAITING)
    await versioned.citizen_hangs_up(old.call_id)
    await versioned.reaches(old.call_id, CallStage.POST_PROCESSING)
    await versioned.finish(old.call_id)
    assert [await build_of(versioned, call_id) for call_id in (old.call_id, new)] == ["1", "2"]


async def test_the_old_build_drains_and_is_told_to_be_free(versioned: Centre, deploying: Settings, old: Ring) -> None:
    code, builds = await told(deploying, Wanted(show=True, wait=timedelta(seconds=1), as_json=True))
    assert (code, builds["1"]["state"], builds["2"]["state"]) == (STILL_DRAINING, "draining", "current")
    assert builds["1"]["calls"] == 1
    await versioned.citizen_hangs_up(old.call_id)
    await versioned.reaches(old.call_id, CallStage.POST_PROCESSING)
    await versioned.finish(old.call_id)
    code, builds = await told(deploying, Wanted(show=True, wait=timedelta(seconds=20), as_json=True))
    assert (code, builds["1"]["state"], builds["1"]["calls"]) == (DONE, "drained", 0)


async def test_the_older_build_may_lead_again(versioned: Centre, deploying: Settings, old: Ring) -> None:
    _, builds = await told(deploying, Wanted(build="1", as_json=True))
    assert (builds["1"]["state"], builds["2"]["state"]) == ("current", "draining")
    new = await versioned.phone("+79160000002")
    await versioned.reaches(new, CallStage.WAITING)
    assert await build_of(versioned, new) == "1"


async def test_a_build_that_nobody_runs_does_not_lead(deployment: Deployment) -> None:
    with pytest.raises(Trouble, match="Нет ни одного исполнителя сборки 9") as refused:
        await deployment.lead("9", within=timedelta(seconds=0.1))
    assert refused.value.status == NOT_POSSIBLE


async def test_where_builds_are_not_told_apart_there_is_nothing_to_deploy(settings: Settings) -> None:
    with pytest.raises(Trouble, match="TEMPORAL__DEPLOYMENT"):
        await deploy(settings, Wanted(), print)
