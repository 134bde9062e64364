"""Login: who may enter, and how guessing becomes slow."""

from time import perf_counter

import pytest
from sqlalchemy import func, select, text

from schemas.desk import DeskStatus
from schemas.errors import Forbidden, Invalid, Throttled
from schemas.staff import Credentials, IssuedToken, Role
from services import staff, staff_login
from services.staff import API, BROWSER, SessionRules, Visit
from services.staff_login import FREE_GUESSES, WrongCredentials, hash_password, hasher, log_in, network_of, spell
from store import staff as store
from store.audit import Audit
from store.desk import Desk
from store.session import Database
from store.staff import LoginAttempt, StaffSession
from tests.people import PASSWORD, People

OFFICE = Visit(BROWSER, "203.0.113.7")
STREET = Visit(BROWSER, "198.51.100.1")


class Gate:
    """The login of one centre."""

    def __init__(self, database: Database, rules: SessionRules) -> None:
        self.database = database
        self.rules = rules

    async def enter(
        self, login: str, password: str = PASSWORD, visit: Visit = OFFICE, role: Role | None = None
    ) -> IssuedToken:
        return await log_in(self.database, self.rules, Credentials(login=login, password=password), visit, role)

    async def guess(self, login: str, visit: Visit = OFFICE, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(WrongCredentials):
                await self.enter(login, "не тот пароль", visit)


@pytest.fixture
def gate(fresh_database: Database, fresh_people: People, rules: SessionRules) -> Gate:
    return Gate(fresh_database, rules)


async def test_olga_enters_in_her_only_role_and_her_desk_is_on_a_break(gate: Gate, fresh_people: People) -> None:
    issued = await gate.enter(" Olga ")
    assert issued.role is Role.OPERATOR
    async with gate.database.transaction() as session:
        actor = await staff.actor_of(session, gate.rules, issued.token, BROWSER)
        desk = await session.get_one(Desk, fresh_people.desk(fresh_people.olga).id)
    assert actor is not None
    assert (actor.desk_id, desk.status) == (desk.id, DeskStatus.BREAK)


async def test_the_token_is_not_kept_only_its_keyed_hash(gate: Gate) -> None:
    issued = await gate.enter("olga")
    async with gate.database.transaction() as session:
        kept = (await session.execute(select(StaffSession))).scalar_one()
    assert kept.token_hash == gate.rules.keyed(issued.token)
    assert len(issued.token) >= 43


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(gate: Gate) -> None:
    for login in ("olga", "nobody", "нет\x00такого"):
        with pytest.raises(WrongCredentials, match=r"Неверный логин или пароль\."):
            await gate.enter(login, "не тот")


async def test_a_blocked_employee_and_one_without_a_role_cannot_enter(gate: Gate, fresh_people: People) -> None:
    async with gate.database.transaction() as session:
        await session.execute(text("UPDATE employee SET blocked_at = now() WHERE login = 'olga'"))
        await session.execute(text("UPDATE employee SET roles = '{}' WHERE login = 'pyotr'"))
    for login in ("olga", "pyotr"):
        with pytest.raises(Forbidden):
            await gate.enter(login)
        with pytest.raises(WrongCredentials):
            await gate.enter(login, "не тот")


async def test_several_roles_leave_the_choice_open_in_a_browser(gate: Gate) -> None:
    issued = await gate.enter("vera")
    async with gate.database.transaction() as session:
        assert await staff.actor_of(session, gate.rules, issued.token, BROWSER) is None
        assert await staff.roles_to_choose(session, gate.rules, issued.token) == (Role.OPERATOR, Role.SUPERVISOR)
    async with gate.database.transaction() as session:
        chosen = await staff.choose_role(session, gate.rules, issued.token, Role.SUPERVISOR)
        assert await staff.actor_of(session, gate.rules, issued.token, BROWSER) is None
    assert (chosen.role, chosen.token != issued.token) == (Role.SUPERVISOR, True)


async def test_a_program_names_its_role(gate: Gate) -> None:
    program = Visit(API, OFFICE.address)
    with pytest.raises(Invalid):
        await gate.enter("vera", visit=program)
    with pytest.raises(Invalid):
        await gate.enter("vera", visit=program, role=Role.ADMINISTRATOR)
    assert (await gate.enter("vera", visit=program, role=Role.OPERATOR)).role is Role.OPERATOR


async def test_guesses_become_slow_and_a_right_password_must_wait_too(gate: Gate) -> None:
    await gate.guess("olga", times=FREE_GUESSES)
    with pytest.raises(Throttled) as refused:
        await gate.enter("olga")
    assert 1 <= refused.value.retry_after <= 2


async def test_after_the_wait_the_right_password_opens_and_forgets(gate: Gate) -> None:
    await gate.guess("olga", times=FREE_GUESSES)
    async with gate.database.transaction() as session:
        await session.execute(text("UPDATE login_attempt SET at = at - interval '3 seconds'"))
    await gate.enter("olga")
    await gate.guess("olga")


async def test_guesses_at_one_login_do_not_slow_another(gate: Gate) -> None:
    await gate.guess("olga", times=FREE_GUESSES)
    await gate.enter("pyotr")


async def test_strangers_cannot_lock_somebody_out_of_the_place_he_comes_from(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_login, "OF_LOGIN", 3)
    await gate.enter("olga")
    await gate.guess("olga", STREET, times=3)
    with pytest.raises(Throttled):
        await gate.enter("olga", visit=Visit(BROWSER, "192.0.2.55"))
    await gate.enter("olga")


async def test_one_address_cannot_try_one_password_on_everybody(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_login, "OF_ADDRESS", 3)
    for login in ("a", "b", "c"):
        await gate.guess(login, STREET)
    with pytest.raises(Throttled) as refused:
        await gate.enter("olga", visit=STREET)
    assert refused.value.retry_after > 800
    await gate.enter("olga", visit=OFFICE)


async def test_attempts_name_nobody_and_are_written_down(gate: Gate) -> None:
    await gate.guess("olga")
    async with gate.database.transaction() as session:
        subjects = (await session.execute(select(LoginAttempt.subject))).scalars().all()
        verbs = (await session.execute(select(Audit.verb))).scalars().all()
    assert len(subjects) == 3
    assert not any("olga" in subject or OFFICE.address in subject for subject in subjects)
    assert verbs == ["fail_login"]


async def test_the_audit_knows_who_entered(gate: Gate, fresh_people: People) -> None:
    await gate.enter("admin")
    async with gate.database.transaction() as session:
        row = (await session.execute(select(Audit))).scalar_one()
    assert (row.actor_id, row.verb, row.details["address"]) == (fresh_people.admin.id, "log_in", OFFICE.address)


async def test_a_weak_hash_is_made_strong_at_login(gate: Gate, fresh_people: People) -> None:
    await gate.enter("olga")
    async with gate.database.transaction() as session:
        query = text("SELECT password_hash FROM employee WHERE login = 'olga'")
        assert "m=19456,t=3,p=1" in (await session.execute(query)).scalar_one()
    await gate.enter("olga")


async def test_a_snils_opens_only_where_it_is_set(gate: Gate, rules_by_snils: SessionRules) -> None:
    async with gate.database.transaction() as session:
        await session.execute(text("UPDATE employee SET login = '112-233-445 95' WHERE login = 'olga'"))
    by_snils = Gate(gate.database, rules_by_snils)
    assert (await by_snils.enter("112-233-445 95")).role is Role.OPERATOR
    assert (await by_snils.enter("11223344595")).role is Role.OPERATOR
    assert (await by_snils.enter("pyotr")).role is Role.OPERATOR
    with pytest.raises(Invalid):
        await by_snils.enter("112-233-445 96")
    with pytest.raises(WrongCredentials):
        await gate.enter("112-233-445 95")


def test_logins_are_spelled_without_case_and_edges() -> None:
    assert spell(" Olga\x00 ", by_snils=False) == ["Olga", "olga"]
    assert spell("087-654-303 00", by_snils=True) == ["087-654-303 00", "08765430300"]


def test_a_guesser_holds_a_whole_ipv6_network() -> None:
    assert network_of("2001:db8:0:1::5") == network_of("2001:db8:0:1:ffff::9") != network_of("2001:db8:0:2::5")
    assert network_of("203.0.113.7") == "203.0.113.7"
    assert network_of("") == ""


def test_a_password_is_the_same_however_it_is_composed() -> None:
    assert hasher.verify("\u0439", hash_password("\u0438\u0306"))


async def test_sessions_are_counted_one_a_login(gate: Gate) -> None:
    await gate.enter("olga")
    await gate.enter("olga")
    async with gate.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(StaffSession))).scalar_one() == 2


async def test_old_attempts_are_forgotten(gate: Gate) -> None:
    await gate.guess("olga")
    async with gate.database.transaction() as session:
        kept = "(SELECT id FROM login_attempt LIMIT 1)"
        old = f"UPDATE login_attempt SET at = at - interval '25 hours' WHERE id <> {kept}"
        await session.execute(text(old))
        await store.prune(session)
        assert (await session.execute(select(func.count()).select_from(LoginAttempt))).scalar_one() == 1


async def test_an_unknown_login_takes_as_long_as_a_wrong_password(gate: Gate) -> None:
    async def least(login: str) -> float:
        spent = []
        for number in range(4):
            began = perf_counter()
            await gate.guess(login, Visit(BROWSER, f"192.0.2.{number}"))
            spent.append(perf_counter() - began)
        return min(spent)

    await gate.enter("olga")  # her hash is of today's strength now
    known, unknown = await least("olga"), await least("nobody")
    assert 0.3 < unknown / known < 3
