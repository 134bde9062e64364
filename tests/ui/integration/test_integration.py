"""«Интеграции» and what other systems sent, on the pages."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient, Response

from activities.webhook_address import INSIDE
from schemas.integration import TOKEN_PREFIX, Scope
from schemas.staff import Role
from tests.doors import Doors
from tests.people import ANNA, ANNA_NUMBER, People
from tests.ui.screen import value, words

SNILS = "112-233-445 95"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC).isoformat()
COMMON = {"status": "В работе", "updated_at": AT, "details": {"Ведомство": "МВД"}}
RECORDS = {
    "applications": {"number": "З-15", "service": "Замена паспорта", "submitted_at": AT, "due_at": AT},
    "enquiries": {"number": "О-15", "topic": "Жалоба на очередь", "text": "Долго ждал", "at": AT},
    "tickets": {"number": "А017", "office": "МФЦ № 3", "service": "Приём документов", "at": AT},
}


@pytest.fixture
async def program(doors: Doors, fresh_people: People) -> AsyncClient:
    return await doors.integration(fresh_people.admin, *Scope)


async def subscriber(doors: Doors, **columns: Any) -> str:
    """Put a card into the table; return its id."""
    names = ", ".join(columns)
    values = ", ".join(f"'{value}'" for value in columns.values())
    statement = f"INSERT INTO subscriber (type, version, {names}) VALUES ('person', 1, {values}) RETURNING id"
    async with doors.app.state.database.engine.begin() as connection:
        return str((await connection.exec_driver_sql(statement)).scalar_one())


async def sent(program: AsyncClient, **who: str) -> None:
    for path, own in RECORDS.items():
        answer = await program.put(f"/api/v1/integration/{path}/mfc/1", json={**COMMON, **own, **who})
        assert answer.status_code == 201, answer.text


async def test_the_card_shows_what_was_sent_to_whom_its_key_leads(
    doors: Doors, fresh_people: People, program: AsyncClient
) -> None:
    await sent(program, snils=SNILS)
    card = await subscriber(doors, full_name=ANNA, snils="11223344595")
    vera = await doors.browser(fresh_people.vera, Role.SUPERVISOR)
    said = {path: words(await vera.get(f"/subscribers/{card}/{path}")) for path in RECORDS}
    for path, own in RECORDS.items():
        assert [own["number"] in said[path], "МВД" in said[path], "В работе" in said[path]] == [True] * 3
    opened = words(await vera.get(f"/subscribers/{card}/open-records"))
    assert all(own["number"] in opened for own in RECORDS.values())
    await program.put(
        "/api/v1/integration/tickets/mfc/1", json={**COMMON, **RECORDS["tickets"], "snils": SNILS, "is_finished": True}
    )
    assert "А017" not in words(await vera.get(f"/subscribers/{card}/open-records"))


async def test_a_removed_record_stands_in_no_card(doors: Doors, fresh_people: People, program: AsyncClient) -> None:
    await sent(program, snils=SNILS)
    card = await subscriber(doors, full_name=ANNA, snils="11223344595")
    vera = await doors.browser(fresh_people.vera, Role.SUPERVISOR)
    assert (await program.delete("/api/v1/integration/applications/mfc/1")).status_code == 204
    pages = [
        words(await vera.get(f"/subscribers/{card}/{path}")) for path in ("applications", "open-records", "tickets")
    ]
    assert [("З-15" in page, "А017" in page) for page in pages] == [(False, False), (False, True), (False, True)]


async def test_a_key_of_two_cards_leads_to_neither_until_they_are_one(
    doors: Doors, fresh_people: People, program: AsyncClient
) -> None:
    await sent(program, phone=ANNA_NUMBER)
    anna = await subscriber(doors, full_name=ANNA, contact_phone=ANNA_NUMBER)
    url, vera = f"/subscribers/{anna}/applications", await doors.browser(fresh_people.vera, Role.SUPERVISOR)
    assert "З-15" in words(await vera.get(url))
    son = await subscriber(doors, full_name="Сын Анны", mobile_phone=ANNA_NUMBER)
    assert "Заявлений нет" in words(await vera.get(url))
    async with doors.app.state.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE subscriber SET merged_into = '{anna}' WHERE id = '{son}'")
    assert "З-15" in words(await vera.get(url))


async def test_an_operator_sees_it_of_those_he_served_alone(
    doors: Doors, fresh_people: People, program: AsyncClient
) -> None:
    card = await subscriber(doors, full_name=ANNA, contact_phone=ANNA_NUMBER)
    olga = await doors.browser(fresh_people.olga)
    for path in (*RECORDS, "open-records"):
        assert (await olga.get(f"/subscribers/{card}/{path}")).status_code == 404


async def test_a_long_list_comes_page_by_page(doors: Doors, fresh_people: People, program: AsyncClient) -> None:
    row = {**COMMON, **RECORDS["applications"], "phone": ANNA_NUMBER}
    rows = [{**row, "external_id": str(number), "number": f"№{number:03}"} for number in range(45)]
    await program.post("/api/v1/integration/applications/batch", json={"source": "mfc", "rows": rows})
    card = await subscriber(doors, full_name=ANNA, contact_phone=ANNA_NUMBER)
    vera, url, seen = await doors.browser(fresh_people.vera, Role.SUPERVISOR), f"/subscribers/{card}/applications", []
    while url:
        html = (await vera.get(url)).text
        seen += re.findall(r"№\d{3}", html)
        url = (re.findall(r'hx-get="([^"]+after=[^"]+)"', html) or [""])[0].replace("&amp;", "&")
    assert sorted(seen) == [f"№{number:03}" for number in range(45)]


async def ordered(admin: AsyncClient, **changes: Any) -> Response:
    typed = {"name": "АИС МФЦ", "scopes": ["tickets:write"], "expires_on": ""} | changes
    return await admin.post("/integrations", data=typed)


async def test_a_token_is_shown_once_used_and_revoked(doors: Doors, fresh_people: People) -> None:
    admin, outside = await doors.browser(fresh_people.admin), await doors.nobody()
    [token] = re.findall(rf'value="({TOKEN_PREFIX}[^"]+)"', (await ordered(admin)).text)
    shown = await admin.get("/integrations")
    assert ("АИС МФЦ" in words(shown), "ещё не было" in words(shown), token in shown.text) == (True, True, False)
    record = {**COMMON, **RECORDS["tickets"], "phone": ANNA_NUMBER}
    headers, url = {"Authorization": f"Bearer {token}"}, "/api/v1/integration/tickets/mfc/1"
    assert (await outside.put(url, json=record, headers=headers)).status_code == 201
    [token_id] = re.findall(r'id="token-([^"]+)"', shown.text)[-1:]
    assert "отозван" in words(await admin.put(f"/integrations/{token_id}/revocation"))
    assert (await outside.put(url, json=record, headers=headers)).status_code == 401


async def test_what_is_wrong_in_an_order_is_said_in_its_place(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert "Этот день уже прошёл." in words(await ordered(admin, expires_on="2020-01-01"))
    refused = await ordered(admin, name="", scopes=[])
    assert (refused.status_code, refused.text.count("pult-error")) == (422, 2)


async def test_a_token_may_be_of_one_source(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    assert (await ordered(admin, source="МФЦ")).text.count("pult-error") == 1
    assert (await ordered(admin, source="mfc")).status_code == 200
    assert "только источник mfc" in words(await admin.get("/integrations"))


async def test_of_two_windows_on_an_address_the_later_is_refused(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    typed = {"name": "Портал", "url": "https://8.8.8.8/hook", "events": ["call.finished"]}
    [url] = re.findall(r'href="(/webhooks/[^"]+)"', (await admin.post("/webhooks", data=typed)).text)
    typed["version"] = value(await admin.get(f"{url}/form"), "version")
    assert (await admin.put(url, data=typed | {"name": "Раз"})).status_code == 204
    late = await admin.put(url, data=typed | {"name": "Два"})
    assert (late.status_code, "Данные изменил другой сотрудник" in words(late)) == (412, True)
    assert (value(late, "version"), value(late, "name")) == ("1", "Два")


async def test_an_address_is_kept_and_an_internal_one_refused(doors: Doors, fresh_people: People) -> None:
    admin = await doors.browser(fresh_people.admin)
    typed = {"name": "Портал", "url": "https://127.0.0.1/hook", "events": ["call.finished"]}
    refused = await admin.post("/webhooks", data=typed)
    assert (refused.status_code, INSIDE in words(refused), 'value="Портал"' in refused.text) == (422, True, True)
    made = await admin.post("/webhooks", data=typed | {"url": "https://8.8.8.8/hook"})
    [url] = re.findall(r'href="(/webhooks/[^"]+)"', made.text)
    assert "whsec_" in made.text
    assert "whsec_" not in (await admin.get(url)).text
    assert (await admin.post(f"{url}/pings", data={"key": "one-ping-1"})).status_code == 204
    assert "Проверка" in words(await admin.get(url))
    assert (await admin.put(f"{url}/stop")).status_code == 204
    assert (await admin.post(f"{url}/pings", data={"key": "one-ping-2"})).status_code == 409
