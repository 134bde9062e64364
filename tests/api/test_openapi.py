"""The description of the API is true and whole."""

from typing import Any

import pytest

from config.settings import Settings
from schemas.integration import Scope
from services.access import RIGHTS
from tests.doors import Doors
from worker.web import create_app


@pytest.fixture
def document(settings: Settings) -> dict[str, Any]:
    return create_app(settings).openapi()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


async def test_it_is_read_without_a_login_and_has_no_page(doors: Doors) -> None:
    client = await doors.nobody()
    description = (await client.get("/api/v1/openapi.json")).json()
    assert description["openapi"].startswith("3.1")
    assert (await client.get("/docs")).status_code == 404


def test_it_describes_the_api_and_no_page(document: dict[str, Any]) -> None:
    assert document["paths"]
    assert [path for path in document["paths"] if not path.startswith("/api/v1/")] == []


def test_every_operation_has_a_name_of_its_own_and_a_word(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if "__" in name or "api_v1" in name] == []
    assert [operation["operationId"] for operation in operations(document) if not operation.get("tags")] == []


def test_every_operation_says_whose_it_is_and_how_it_refuses(document: dict[str, Any]) -> None:
    for operation in operations(document):
        is_for_programs = operation.get("x-scope") in {*Scope} and operation["security"] == [{"integration": []}]
        assert is_for_programs or operation.get("security") == [] or operation["x-right"] in RIGHTS
        assert "application/problem+json" in operation["responses"]["422"]["content"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(thing: Any) -> set[str]:
        if isinstance(thing, dict):
            own = {thing["$ref"]} if isinstance(thing.get("$ref"), str) else set()
            return own.union(*(references(value) for value in thing.values()))
        return set().union(*map(references, thing)) if isinstance(thing, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) - known == set()
