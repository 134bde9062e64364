"""Пульт whole, as `make run` starts it, and robots that use it from outside: a citizen and an operator."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.worker.running import Running, until

ANNA_NUMBER = "8 916 123-45-67"


class Whole(Running):
    """A running Пульт with the demo centre."""

    def __init__(self, var: Path) -> None:
        super().__init__(var, demo=True)

    @property
    def url(self) -> str:
        found = re.search(r"Пульт работает: (\S+)", self.said())
        assert found, self.said()
        return found[1].replace("localhost", "127.0.0.1")

    def password(self, login: str) -> str:
        found = re.search(rf"^\s+{login}\s+(\S+)", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]

    def kill_one(self, program: str) -> float:
        """Kill one of our processes; return when."""
        assert self.kill_programs(f"worker.cli {program}"), f"{program} does not run"
        return time.monotonic()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


class Robot:
    """A client of the public API that keeps asking while the web process is away."""

    def __init__(self, whole: Whole, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=f"{whole.url}/api/v1", headers=headers, timeout=10)

    def ask(self, method: str, path: str, seconds: float = 20, **options: Any) -> httpx.Response:
        """Ask until there is an answer that is not «not now»."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.http.request(method, path, **options)
                if answer.status_code < 500 or time.monotonic() > deadline:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def wait(self, path: str, holds: Callable[[Any], bool], seconds: float = 20) -> Any:
        seen: list[Any] = []

        def there() -> bool:
            seen[:] = [self.ask("GET", path).json()]
            return holds(seen[0])

        assert until(there, seconds), seen
        return seen[0]


class Operator(Robot):
    """Ольга by the API: her desk, her telephone, her calls."""

    def __init__(self, whole: Whole, login: str = "olga") -> None:
        answer = httpx.post(
            f"{whole.url}/api/v1/tokens",
            json={"login": login, "password": whole.password(login), "role": "operator"},
        )
        assert answer.status_code == 201, answer.text
        super().__init__(whole, answer.json()["token"])
        self.phone = str(uuid4())

    def go_on_line(self) -> None:
        self.ask("POST", "/desk/presence", json={"phone_id": self.phone, "take_over": True})
        assert self.ask("PUT", "/desk/state", json={"status": "incoming"}).status_code == 200

    def renew(self) -> dict[str, Any]:
        presence: dict[str, Any] = self.ask("POST", "/desk/presence", json={"phone_id": self.phone}).json()
        return presence

    def answer(self) -> str:
        """Wait for a ring and take it; return the leg."""
        assert until(lambda: bool(self.renew()["leg_id"]), 15), "nothing rings"
        leg: str = self.renew()["leg_id"]
        signal = {"kind": "offer", "attempt": "1", "body": {"type": "offer", "sdp": "v=0"}}
        assert self.ask("POST", f"/line/legs/{leg}/answer", json=signal).status_code == 200
        return leg

    def reasons(self) -> list[str]:
        return [reason["id"] for reason in self.ask("GET", "/reasons").json()]

    def finish(self, call: str, comment: str = "", key: str | None = None) -> httpx.Response:
        form = {"key": key or str(uuid4()), "reasons": self.reasons()[:1], "comment": comment}
        return self.ask("POST", f"/calls/{call}/completion", json=form)


class Citizen(Robot):
    """Анна: phones in from the page."""

    def phone(self, number: str = ANNA_NUMBER) -> str:
        answer = self.ask("POST", "/line/calls", json={"number": number}, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        self.call = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.call['token']}"
        self.http.cookies.clear()
        return str(self.call["call_id"])

    def leg(self) -> dict[str, Any]:
        leg: dict[str, Any] = self.ask("GET", f"/line/legs/{self.call['leg_id']}").json()
        return leg

    def hang_up(self) -> None:
        assert self.ask("DELETE", f"/line/legs/{self.call['leg_id']}").status_code == 204
