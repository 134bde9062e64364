"""An example of another system: it sends applications to Пульт, and checks that a webhook is really from Пульт.

    PULT_URL=https://pult.example.org PULT_TOKEN=pult_int_… python integration_client.py

Nothing but httpx and the standard library; take what you need.
"""

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

MOST_ROWS = 1000
TOLERANCE = 300  # seconds between our clock and that of Пульт


class PultClient:
    """Sends what changed; whatever is sent again does no harm, so every failure is simply repeated."""

    def __init__(self, http: httpx.AsyncClient, token: str, source: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._source = source

    async def put(self, kind: str, external_id: str, record: Mapping[str, Any]) -> str:
        """Write one record (`applications`, `enquiries`, `tickets`); return created, updated or unchanged."""
        url = f"/api/v1/integration/{kind}/{self._source}/{external_id}"
        answer = await self._http.put(url, json=record, headers=self._headers)
        answer.raise_for_status()
        return str(answer.json()["result"])

    async def remove(self, kind: str, external_id: str, updated_at: str | None = None) -> None:
        """Take a record out of the cards; `updated_at` is when it was removed here, so that late news do not count."""
        url = f"/api/v1/integration/{kind}/{self._source}/{external_id}"
        params = {"updated_at": updated_at} if updated_at else {}
        (await self._http.delete(url, params=params, headers=self._headers)).raise_for_status()

    async def put_all(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Write any number of rows, each with its `external_id`; return the reports of those that were refused."""
        refused = []
        for start in range(0, len(rows), MOST_ROWS):
            body = {"source": self._source, "rows": rows[start : start + MOST_ROWS]}
            url = f"/api/v1/integration/{kind}/batch"
            answer = await self._http.post(url, json=body, headers=self._headers)
            answer.raise_for_status()
            refused += [row for row in answer.json()["rows"] if row["result"] == "refused"]
        return refused


def is_from_pult(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> bool:
    """Whether a webhook was signed with our secret, lately. Check the bytes as they came, before any JSON."""
    said_at = headers["webhook-timestamp"]
    if abs((time.time() if now is None else now) - int(said_at)) > TOLERANCE:
        return False
    said = f"{headers['webhook-id']}.{said_at}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(right, given) for given in signatures(headers["webhook-signature"]))


def signatures(header: str) -> Iterator[str]:
    """Yield the signatures of the version that we know; while a secret is changed there are two."""
    for part in header.split(" "):
        version, _, signature = part.partition(",")
        if version == "v1":
            yield signature


async def main() -> None:
    """Send one application."""
    async with httpx.AsyncClient(base_url=os.environ["PULT_URL"], timeout=10) as http:
        client = PultClient(http, os.environ["PULT_TOKEN"], source="example")
        record = {
            "snils": "112-233-445 95",
            "number": "2026/15",
            "service": "Замена паспорта",
            "status": "Принято",
            "submitted_at": "2026-11-20T09:00:00+03:00",
            "updated_at": "2026-11-20T09:00:00+03:00",
        }
        print(await client.put("applications", "15", record))


if __name__ == "__main__":
    import asyncio

    asyncio.run(main())
