"""A program keeps its addresses; the example client of the documentation does what it says."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from httpx import AsyncClient

from activities.webhook_address import INSIDE
from schemas.integration import Scope
from schemas.webhook import sign
from tests.api.test_integration import application
from tests.doors import Doors
from tests.people import People

URL = "/api/v1/integration/webhooks"
HOOK = {"name": "Портал", "url": "https://8.8.8.8/hook", "events": ["subscriber.changed", "call.finished"]}
EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "integration_client.py"


@pytest.fixture
async def portal(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.integration(fresh_people.admin, *Scope)


@pytest.fixture
def example() -> Any:
    """The file of the documentation, as its reader would run it."""
    spec = importlib.util.spec_from_file_location("integration_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_an_address_is_kept_by_a_program(portal: AsyncClient) -> None:
    made = (await portal.post(URL, json=HOOK)).json()
    assert (made["secret"][:6], made["events"]) == ("whsec_", ["call.finished", "subscriber.changed"])
    one = f"{URL}/{made['id']}"
    read = {"If-Match": (await portal.get(one)).headers["etag"]}
    saved = await portal.put(one, json=HOOK | {"name": "Портал услуг"}, headers=read)
    assert (saved.json()["name"], saved.headers["etag"]) == ("Портал услуг", '"2"')
    assert (await portal.post(f"{one}/secret")).json()["secret"] != made["secret"]
    pings = [(await portal.post(f"{one}/pings", json={"key": "one-ping-1"})).json()["id"] for _ in range(2)]
    [sent] = (await portal.get(f"{one}/deliveries")).json()["deliveries"]
    assert pings == [sent["id"]] * 2
    assert (await portal.post(f"{one}/deliveries/{sent['id']}/resending")).status_code == 409
    assert (await portal.put(f"{one}/stop")).status_code == 204
    [shown] = (await portal.get(URL)).json()
    assert (bool(shown["stopped_at"]), "secret" in shown) == (True, False)


async def test_of_two_who_change_an_address_the_second_is_told(portal: AsyncClient) -> None:
    made = await portal.post(URL, json=HOOK)
    one, read = f"{URL}/{made.json()['id']}", {"If-Match": made.headers["etag"]}
    assert (await portal.put(one, json=HOOK, headers=read)).headers["etag"] == '"1"'
    changes = [portal.put(one, json=HOOK | {"name": name}, headers=read) for name in ("Первый", "Второй")]
    assert [(await each).status_code for each in changes] == [200, 412]
    unconditional = await portal.put(one, json=HOOK)
    assert (unconditional.status_code, unconditional.json()["code"]) == (428, "precondition_required")
    assert (await portal.get(one)).json()["name"] == "Первый"


async def test_an_internal_address_is_refused_and_so_is_an_unknown_event(portal: AsyncClient) -> None:
    refused = await portal.post(URL, json=HOOK | {"url": "https://localhost/hook"})
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (422, INSIDE)
    assert (await portal.post(URL, json=HOOK | {"events": ["ping"]})).status_code == 422
    assert (await portal.get(URL)).json() == []


async def test_the_example_sends_what_changed(doors: Doors, portal: AsyncClient, example: Any) -> None:
    token = portal.headers["Authorization"].removeprefix("Bearer ")
    client = example.PultClient(await doors.nobody(), token, "example")
    assert [await client.put("applications", "1", application()) for _ in range(2)] == ["created", "unchanged"]
    await client.remove("applications", "1")
    assert await client.put("applications", "1", application()) == "unchanged"
    rows = [{"external_id": str(number), **application()} for number in range(1500)]
    assert await client.put_all("applications", rows) == []
    [wrong] = await client.put_all("applications", [{"external_id": "x", **application(phone="1")}])
    assert wrong["errors"][0]["field"] == "phone"


def test_the_example_knows_a_true_signature_from_a_false_one(example: Any) -> None:
    secret, body = "whsec_" + "c2VjcmV0" * 4, b'{"type":"call.finished"}'
    old, new = (sign(one, "msg_1", 1000, body) for one in ("whsec_" + "b2xkLW9uZQ==", secret))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1000", "webhook-signature": f"{old} {new}"}
    assert example.is_from_pult(secret, headers, body, now=1100)
    assert not example.is_from_pult(secret, headers, body + b" ", now=1100)
    assert not example.is_from_pult(secret, headers, body, now=1301)
    assert not example.is_from_pult(secret, headers | {"webhook-signature": old}, body, now=1100)
