"""The card through the API: what may be in it, two editors, its history, two cards that are one person."""

from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.call import CallStage
from schemas.staff import Role
from store.call import Call
from store.callback import CallbackWish
from store.subscriber import Subscriber
from tests.calls import Calls
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER

CARD = {"type": "person", "full_name": ANNA, "mobile_phone": ANNA_NUMBER}
COMPANY = {
    "type": "company",
    "full_name": "ООО «Ромашка»",
    "inn": "7707083893",
    "ogrn": "1027700132195",
    "kpp": "770701001",
    "contact_person": "Иванова Мария",
}


class Desk:
    """Вера and Ольга with the card of Анна, whom Ольга has served."""

    def __init__(self, doors: Doors, calls: Calls) -> None:
        self.doors, self.calls = doors, calls

    async def begin(self) -> None:
        self.anna = await self.card()
        self.call = await self.served(self.anna)
        await self.calls.session.commit()
        self.url = f"/api/v1/subscribers/{self.anna.id}"
        self.vera = await self.doors.program(self.calls.people.vera, Role.SUPERVISOR)
        self.olga = await self.doors.program(self.calls.people.olga)

    async def card(self, **fields: object) -> Subscriber:
        card = Subscriber(**{**CARD, **fields})
        self.calls.session.add(card)
        await self.calls.session.flush()
        return card

    async def served(self, card: Subscriber) -> Call:
        call = await self.calls.served(subscriber_id=card.id)
        return call

    async def put(self, client: AsyncClient, version: int, **fields: object) -> tuple[int, dict[str, object]]:
        body = {**CARD, **fields}
        answer = await client.put(self.url, json=body, headers={"If-Match": f'"{version}"'})
        return answer.status_code, answer.json()

    async def rows(self, statement: str) -> list[object]:
        async with self.doors.app.state.database.transaction() as session:
            return list((await session.execute(text(statement))).scalars())


@pytest.fixture
async def desk(doors: Doors, calls: Calls) -> Desk:
    made = Desk(doors, calls)
    await made.begin()
    return made


async def test_a_card_is_read_changed_and_remembered(desk: Desk) -> None:
    read = await desk.olga.get(desk.url)
    assert read.headers["ETag"] == '"1"'
    saved = await desk.olga.put(desk.url, json={**CARD, "snils": "112-233-445 95"}, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.headers["ETag"], saved.json()["snils"]) == (200, '"2"', "11223344595")
    history = (await desk.vera.get(f"{desk.url}/changes")).json()["rows"]
    changed = [(row["act"], row["actor_name"], row["fields"][0]["new"]) for row in history]
    assert changed == [("saved", "Ольга Викторовна Котова", "112-233-445 95")]
    masked = (await desk.olga.get(f"{desk.url}/changes")).json()["rows"][0]["fields"][0]
    assert masked["new"] == "••••"
    assert await desk.rows("SELECT verb FROM audit WHERE thing = 'subscriber' ORDER BY at") == ["read", "save"]


async def test_whoever_comes_second_is_told_who_was_first_and_loses_nothing(desk: Desk) -> None:
    assert (await desk.put(desk.vera, 1, email="anna@mail.ru"))[0] == 200
    status, problem = await desk.put(desk.olga, 1, full_name="Анна Чёрная")
    assert status == 412
    assert "Вера Павловна Лопухова" in str(problem["detail"])
    assert [(e["pointer"], e["message"]) for e in problem["errors"]] == [("/email", "— → anna@mail.ru")]  # type: ignore[attr-defined]
    assert (await desk.olga.get(desk.url)).json()["full_name"] == ANNA
    assert (await desk.put(desk.olga, 2, full_name="Анна Чёрная", email="anna@mail.ru"))[0] == 200


async def test_a_change_without_its_version_is_refused(desk: Desk) -> None:
    assert (await desk.olga.put(desk.url, json=CARD)).status_code == 428
    for strange in ("*", 'W/"1"', "1", '"x"', '"999999"'):
        answer = await desk.olga.put(desk.url, json={**CARD, "email": "a@b.ru"}, headers={"If-Match": strange})
        assert answer.status_code == 412, strange


async def test_the_same_card_again_changes_nothing(desk: Desk) -> None:
    for _ in range(2):
        assert (await desk.put(desk.olga, 1, email="anna@mail.ru"))[0] == 200
    assert await desk.rows("SELECT version FROM subscriber_change") == [2]


async def test_every_wrong_field_is_said_at_once(desk: Desk) -> None:
    wrong = {
        "snils": "112-233-445 96",
        "inn": "500100732250",
        "region": "Марс",
        "kpp": "770701001",
        "mobile_phone": "1",
    }
    status, problem = await desk.put(desk.olga, 1, **wrong)
    assert status == 422
    assert {e["pointer"][1:] for e in problem["errors"]} == {*wrong}  # type: ignore[attr-defined]
    assert (await desk.put(desk.olga, 1, **COMPANY))[0] == 200
    assert (await desk.olga.get(desk.url)).json()["inn"] == "7707083893"


async def test_a_history_cannot_be_rewritten(desk: Desk) -> None:
    await desk.put(desk.olga, 1, email="anna@mail.ru")
    for statement in ("UPDATE subscriber_change SET version = 9", "DELETE FROM subscriber_change"):
        with pytest.raises(DBAPIError):
            await desk.rows(f"{statement} RETURNING id")


async def test_a_stranger_learns_nothing(desk: Desk) -> None:
    pyotr = await desk.doors.program(desk.calls.people.pyotr)
    for path in ("", "/changes", "/served-calls"):
        assert (await pyotr.get(desk.url + path)).status_code == 404
    assert (await desk.put(pyotr, 1))[0] == 404
    assert (await desk.olga.post(f"{desk.url}/merges", json={})).status_code == 403


async def test_what_was_asked_stands_in_the_enquiries(desk: Desk) -> None:
    for _ in range(21):
        await desk.served(desk.anna)
    await desk.calls.session.commit()
    first = (await desk.olga.get(f"{desk.url}/served-calls")).json()
    rest = (await desk.olga.get(f"{desk.url}/served-calls", params={"after": first["next_after"]})).json()
    assert (len(first["rows"]), len(rest["rows"]), rest["next_after"]) == (20, 2, "")
    assert rest["rows"][-1]["id"] == str(desk.call.id)
    assert rest["rows"][-1]["employees"] == ["Ольга Викторовна Котова"]


class Pair(Desk):
    """Анна has two cards, each with its call and its wish."""

    async def begin(self) -> None:
        await super().begin()
        self.other = await self.card(full_name="Белова Анна", email="anna@mail.ru", birth_date=None)
        self.second = await self.served(self.other)
        await self.calls.call(stage=CallStage.WAITING, subscriber_id=self.other.id)
        wish = CallbackWish(id=uuid4(), call_id=self.second.id, number=ANNA_NUMBER, subscriber_id=self.other.id)
        wish.queued_at = self.second.started_at
        self.calls.session.add(wish)
        await self.calls.session.commit()
        self.other_url = f"/api/v1/subscribers/{self.other.id}"

    async def merge(self, version: int = 1, merged_version: int = 1) -> tuple[int, dict[str, str]]:
        order = {"merged_id": str(self.other.id), "version": version, "merged_version": merged_version}
        answer = await self.vera.post(f"{self.url}/merges", json={**order, "taken": ["email"]})
        return answer.status_code, answer.json()

    async def picture(self) -> list[object]:
        calls = "SELECT id || ':' || subscriber_id FROM call UNION SELECT id || ':' || subscriber_id FROM callback_wish"
        return [*await self.rows(f"SELECT * FROM ({calls}) AS x ORDER BY 1"), *await self.fields()]

    async def fields(self) -> list[object]:
        return await self.rows("SELECT (to_jsonb(s) - 'version')::text FROM subscriber s ORDER BY id")


@pytest.fixture
async def pair(doors: Doors, calls: Calls) -> Pair:
    made = Pair(doors, calls)
    await made.begin()
    return made


async def test_two_cards_become_one_and_two_again(pair: Pair) -> None:
    before = await pair.picture()
    status, merge = await pair.merge()
    assert status == 201
    one = (await pair.vera.get(pair.url)).json()
    assert (one["full_name"], one["email"]) == (ANNA, "anna@mail.ru")
    assert len((await pair.olga.get(f"{pair.url}/served-calls")).json()["rows"]) == 2
    assert await pair.rows(f"SELECT id FROM call WHERE subscriber_id = '{pair.other.id}'") == []
    assert (await pair.vera.get(pair.other_url)).status_code == 410
    assert (await pair.vera.delete(f"/api/v1/subscriber-merges/{merge['id']}")).status_code == 200
    assert await pair.picture() == before
    assert (await pair.vera.delete(f"/api/v1/subscriber-merges/{merge['id']}")).status_code == 404


async def test_what_came_after_a_merge_stays_when_it_is_undone(pair: Pair) -> None:
    _, merge = await pair.merge()
    late = await pair.served(pair.anna)
    await pair.calls.session.commit()
    assert (await pair.put(pair.vera, 2, email="new@mail.ru"))[0] == 200
    await pair.vera.delete(f"/api/v1/subscriber-merges/{merge['id']}")
    assert (await pair.vera.get(pair.url)).json()["email"] == "new@mail.ru"
    assert await pair.rows(f"SELECT subscriber_id FROM call WHERE id = '{late.id}'") == [pair.anna.id]
    assert await pair.rows(f"SELECT subscriber_id FROM call WHERE id = '{pair.second.id}'") == [pair.other.id]


async def test_a_merge_of_what_changed_meanwhile_is_refused(pair: Pair) -> None:
    assert (await pair.put(pair.vera, 1, email="x@mail.ru"))[0] == 200
    status, problem = await pair.merge()
    assert (status, "Вера" in problem["detail"]) == (412, True)
    assert (await pair.merge(version=2))[0] == 201
    assert (await pair.merge(version=3))[0] == 410


async def test_merges_are_taken_back_from_the_last_one(pair: Pair) -> None:
    third = await pair.card(full_name="Третья")
    await pair.calls.session.commit()
    before = await pair.picture()
    _, first = await pair.merge()
    order = {"merged_id": str(pair.anna.id), "version": 1, "merged_version": 2}
    second = (await pair.vera.post(f"/api/v1/subscribers/{third.id}/merges", json=order)).json()
    assert (await pair.vera.get(pair.other_url)).status_code == 410
    assert (await pair.vera.delete(f"/api/v1/subscriber-merges/{first['id']}")).status_code == 410
    for merge in (second, first):
        assert (await pair.vera.delete(f"/api/v1/subscriber-merges/{merge['id']}")).status_code == 200
    assert await pair.picture() == before
