"""The journal's export from its toolbar, and the same order by the API."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from schemas.staff import Role
from tests.doors import Doors
from tests.people import People
from worker import documents
from worker.document_means import Means


@pytest.fixture
async def vera(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.browser(fresh_people.vera, Role.SUPERVISOR)


@pytest.fixture
async def program(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.program(fresh_people.vera, Role.SUPERVISOR)


async def export(client: AsyncClient, key: str = "key-of-a-form") -> Response:
    return await client.post("/journal/export?channel=inbound", data={"key": key})


async def ordered(client: AsyncClient, key: str = "key-of-a-program") -> Response:
    return await client.post("/api/v1/calls/export", json={"channels": ["inbound"]}, headers={"Idempotency-Key": key})


async def make(doors: Doors, job_id: str) -> None:
    state = doors.app.state
    folder: Path = state.settings.storage.path / "documents"
    zone = ZoneInfo("Europe/Moscow")
    await documents.make(Means(state.database, state.valkey, folder, zone, state.objects, timedelta(days=1)), job_id)


async def test_export_shows_its_progress(vera: AsyncClient) -> None:
    answer = await export(vera)
    assert answer.status_code == 202
    assert "В очереди на подготовку" in answer.text
    assert "Отменить" in answer.text


async def test_export_becomes_a_file(doors: Doors, vera: AsyncClient, program: AsyncClient) -> None:
    job_id = (await ordered(program)).json()["id"]
    await make(doors, job_id)
    shown = await vera.get("/journal/export")
    assert f'href="/jobs/{job_id}/file"' in shown.text
    file = await vera.get(f"/jobs/{job_id}/file")
    assert file.content.startswith(b"PK")
    assert "journal" in file.headers["content-disposition"]


async def test_export_as_json(doors: Doors, program: AsyncClient) -> None:
    job = (await ordered(program)).json()
    assert (job["state"], job["done"]) == ("queued", 0)
    await make(doors, job["id"])
    assert (await program.get(f"/api/v1/jobs/{job['id']}")).json()["state"] == "done"
    assert (await program.get(f"/api/v1/jobs/{job['id']}/file")).content.startswith(b"PK")


async def test_who_took_personal_data_out_is_recorded(doors: Doors, program: AsyncClient) -> None:
    job_id = (await ordered(program)).json()["id"]
    await ordered(program)
    await make(doors, job_id)
    await program.get(f"/api/v1/jobs/{job_id}/file")
    async with doors.app.state.database.transaction() as session:
        acts = await session.execute(text("SELECT verb FROM audit WHERE thing_id = :id ORDER BY at"), {"id": job_id})
        assert acts.scalars().all() == ["order", "fetch"]


async def test_a_double_click_orders_once(vera: AsyncClient) -> None:
    first, second = await export(vera), await export(vera)
    assert first.status_code == second.status_code == 202
    assert first.text.split("/jobs/")[1][:36] == second.text.split("/jobs/")[1][:36]


async def test_the_same_key_for_another_order_is_refused(program: AsyncClient) -> None:
    await ordered(program)
    other = await program.post(
        "/api/v1/calls/export", json={"channels": ["missed"]}, headers={"Idempotency-Key": "key-of-a-program"}
    )
    assert other.status_code == 422


async def test_the_fourth_order_at_once_is_refused_in_words(vera: AsyncClient) -> None:
    for n in range(3):
        await export(vera, f"key-number-{n}")
    answer = await export(vera, "key-number-4")
    assert answer.status_code == 409
    assert "Дождитесь их или отмените" in answer.text or "Готовим" in answer.text or "В очереди" in answer.text


async def test_a_waiting_export_is_cancelled(vera: AsyncClient, program: AsyncClient) -> None:
    job_id = (await ordered(program)).json()["id"]
    answer = await vera.delete(f"/jobs/{job_id}")
    assert "Подготовка файла отменена" in answer.text
    assert (await program.delete(f"/api/v1/jobs/{job_id}")).json()["state"] == "cancelled"


async def test_a_file_that_is_not_ready_is_not_there(vera: AsyncClient, program: AsyncClient) -> None:
    job_id = (await ordered(program)).json()["id"]
    assert (await vera.get(f"/jobs/{job_id}/file")).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/jobs/{}", "/api/v1/jobs/{}/file"])
async def test_another_persons_job_is_not_there(
    doors: Doors, fresh_people: People, program: AsyncClient, path: str
) -> None:
    job_id = (await ordered(program)).json()["id"]
    await make(doors, job_id)
    olga = await doors.program(fresh_people.olga)
    assert (await olga.get(path.format(job_id))).status_code == 404


async def test_strangers_may_not_export(doors: Doors, fresh_people: People) -> None:
    stranger = await doors.program(fresh_people.stranger)
    assert (await ordered(stranger)).status_code == 403
    assert (await stranger.get(f"/api/v1/jobs/{UUID(int=1)}")).status_code == 403


@pytest.mark.parametrize("body", [{"name": "\x00"}, {"since": "2026-03-01T10:00:00"}, {"channels": ["no"]}, {"x": 1}])
async def test_bad_filters_are_refused_at_their_field(program: AsyncClient, body: dict[str, object]) -> None:
    answer = await program.post("/api/v1/calls/export", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 422
    assert answer.json()["errors"]
