"""Built files: compressed when the browser takes it, kept for ever, under the strict policy."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from ui.render import static_files
from ui.security import SecurityHeaders


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    (tmp_path / "main-X.js").write_text("plain")
    (tmp_path / "main-X.js.br").write_bytes(b"squeezed")
    (tmp_path / "font.woff2").write_bytes(b"font")
    routes = [Mount("/static/dist", static_files(tmp_path))]
    app = Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://pult") as opened:
        yield opened


async def test_a_browser_that_takes_brotli_gets_the_twin(client: AsyncClient) -> None:
    accept = {"Accept-Encoding": "gzip, br"}
    async with client.stream("GET", "/static/dist/main-X.js", headers=accept) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]


async def test_others_get_the_file_itself(client: AsyncClient) -> None:
    answer = await client.get("/static/dist/main-X.js", headers={"Accept-Encoding": "identity"})
    assert answer.text == "plain"
    assert (await client.get("/static/dist/font.woff2")).content == b"font"


async def test_a_missing_file_is_not_kept(client: AsyncClient) -> None:
    answer = await client.get("/static/dist/gone.js")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_every_answer_carries_a_policy_with_a_fresh_nonce(client: AsyncClient) -> None:
    answers = [await client.get("/static/dist/font.woff2") for _ in range(2)]
    policies = {answer.headers["content-security-policy"] for answer in answers}
    assert len(policies) == 2
    assert all("unsafe" not in policy and "default-src 'none'" in policy for policy in policies)
