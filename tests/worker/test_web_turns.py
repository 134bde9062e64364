"""Questions take turns when there are too many; a call and its telephone never wait."""

import asyncio
from collections import Counter

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schemas.errors import Refusal
from tests.doors import Doors
from tests.people import People
from worker.web_turns import AT_WORK, IN_LINE, Turns

SLOW = 0.2
CALL = "0199f3c0-0000-7000-8000-000000000001"


class Work:
    """A page that takes its time, and knows how many of it are made at once."""

    now = most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(SLOW)
        self.now -= 1
        await Response("ok")(scope, receive, send)


def refused(_: Request, refusal: Refusal | None) -> Response:
    assert refusal is not None
    return Response(refusal.code, refusal.status)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def client(work: Work) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(Turns(work, refused)), base_url="http://pult.test")


async def statuses(client: AsyncClient, method: str, path: str, times: int) -> Counter[int]:
    answers = await asyncio.gather(*(client.request(method, path) for _ in range(times)))
    return Counter(answer.status_code for answer in answers)


async def test_a_few_questions_at_a_time_a_short_line_and_no_more(client: AsyncClient, work: Work) -> None:
    answered = await statuses(client, "GET", "/journal", 200)
    assert work.most == AT_WORK
    # Whoever would wait for longer than a second hears «not now», too.
    assert AT_WORK * 2 <= answered[200] <= AT_WORK + IN_LINE
    assert answered[503] == 200 - answered[200]
    assert await statuses(client, "GET", "/journal", 1) == {200: 1}  # every turn was given back


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/api/v1/line/legs/{CALL}/answer"),
        ("GET", f"/api/v1/line/legs/{CALL}"),
        ("DELETE", f"/api/v1/calls/{CALL}/talk"),
        ("POST", f"/calls/{CALL}/completion"),
        ("GET", f"/calls/{CALL}/completion"),
        ("GET", f"/api/v1/calls/{CALL}"),
        ("POST", "/desk/presence"),
        ("GET", "/softphone"),
        ("GET", "/live"),
    ],
)
async def test_a_call_never_waits(client: AsyncClient, work: Work, method: str, path: str) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(statuses(client, "GET", "/journal", IN_LINE))
        await asyncio.sleep(SLOW / 10)
        assert await statuses(client, method, path, 30) == {200: 30}
        assert work.most >= 30


async def test_the_refusal_says_when_to_come_again(doors: Doors, fresh_people: People) -> None:
    vera = await doors.program(fresh_people.vera)
    answers = await asyncio.gather(*(vera.get("/api/v1/calls") for _ in range(AT_WORK + IN_LINE + 20)))
    told = [answer for answer in answers if answer.status_code == 503]
    assert told
    assert (told[0].json()["code"], told[0].headers["retry-after"]) == ("overloaded", "2")
    assert {answer.status_code for answer in answers} == {200, 503}
