"""Login: a name and a password become a session, guesses become slower and slower."""

from asyncio import Semaphore, to_thread
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from math import ceil
from secrets import token_urlsafe
from unicodedata import normalize
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import snils
from schemas.errors import Forbidden, Invalid, Refusal, Throttled
from schemas.staff import Credentials, IssuedToken, Role
from services.staff import API, SessionRules, Visit, issue, roles_of
from store import audit
from store import staff as store
from store.session import Database
from store.staff import Employee

WINDOW = timedelta(minutes=15)
FREE_GUESSES, LONGEST_WAIT = 5, 300.0  # of one login from one address: then 2, 4, 8… seconds
OF_ADDRESS, OF_LOGIN = 300, 30  # failures in the window from one address; at one login from unknown addresses
BAD_SNILS = "Проверьте СНИЛС: одиннадцать цифр в виде XXX-XXX-XXX XX."
CLOSED = "Вход закрыт. Обратитесь к администратору."
NOBODY = ""  # no login is empty
NO_SUCH_ROLE = "Выберите одну из своих ролей."

# argon2id, above the least that OWASP asks for and on one core: at the start of a shift everybody logs in at once.
hasher = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=19 * 1024, parallelism=1),))
# The other cores are for the pages that are open.
_one_at_a_time = Semaphore(1)


class WrongCredentials(Refusal):
    """The login or the password is wrong; which of the two is not said."""

    code, status = "wrong_credentials", 401
    sentence = "Неверный логин или пароль."


async def log_in(
    database: Database, rules: SessionRules, credentials: Credentials, visit: Visit, role: Role | None = None
) -> IssuedToken:
    """Check what was typed and begin a session; the password is looked at outside of any transaction."""
    attempt = await _mark(database, rules, credentials, visit)
    is_right, new_hash = await verify(attempt.employee, credentials.password)
    async with database.transaction() as session:
        outcome = await _settle(session, rules, attempt, visit, role) if is_right else _fail(session, attempt, visit)
        if is_right and new_hash and attempt.employee:
            (await store.get_employee(session, attempt.employee.id)).password_hash = new_hash
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


@dataclass(frozen=True)
class Attempt:
    """A guess that is already counted; `marks` are taken back when it proves right."""

    employee: Employee | None
    pair: str
    marks: list[UUID]


async def _mark(database: Database, rules: SessionRules, credentials: Credentials, visit: Visit) -> Attempt:
    """Counted before the password is looked at, so that parallel guesses are no way round."""
    spellings = spell(credentials.login, rules.by_snils)
    login = rules.keyed(f"login {spellings[-1]}").hex()
    pair = rules.keyed(f"pair {spellings[-1]} {visit.address}").hex()
    address = rules.keyed(f"address {network_of(visit.address)}").hex()
    async with database.transaction() as session:
        employee = await store.find_by_login(session, spellings)
        _refuse_quick(await store.attempts_of(session, pair, WINDOW))
        # Strangers must not lock an employee out of the place he always comes from.
        if employee is None or not await store.is_known_address(session, employee.id, visit.address):
            _refuse_many(await store.attempts_of(session, login, WINDOW), OF_LOGIN)
        _refuse_many(await store.attempts_of(session, address, WINDOW), OF_ADDRESS)
        return Attempt(employee, pair, await store.add_attempts(session, [pair, login, address]))


async def _settle(
    session: AsyncSession, rules: SessionRules, attempt: Attempt, visit: Visit, role: Role | None
) -> IssuedToken | Refusal:
    """The password was right: may he enter, and in which role?"""
    assert attempt.employee is not None
    await store.forget_attempts(session, attempt.marks, attempt.pair)
    employee = await store.get_employee(session, attempt.employee.id)
    roles = roles_of(employee)
    refusal = refusal_of(employee, roles, role, visit)
    if refusal is not None:
        audit.record(session, employee.id, ("staff", "refuse_login"), employee.id, why=refusal.code)
        return refusal
    chosen = role or (roles[0] if len(roles) == 1 else None)
    audit.record(session, employee.id, ("staff", "log_in"), employee.id, kind=visit.kind, address=visit.address)
    return await issue(session, rules, employee, chosen, visit)


def refusal_of(employee: Employee, roles: tuple[Role, ...], role: Role | None, visit: Visit) -> Refusal | None:
    """Return why somebody with the right password may not enter, if so (R55)."""
    if employee.blocked_at is not None or not roles:
        return Forbidden(CLOSED)
    if role is not None and role not in roles:
        return Invalid(fields={"role": NO_SUCH_ROLE})
    if role is None and visit.kind == API and len(roles) > 1:
        return Invalid(fields={"role": NO_SUCH_ROLE})
    return None


def _fail(session: AsyncSession, attempt: Attempt, visit: Visit) -> Refusal:
    employee_id = attempt.employee.id if attempt.employee else None
    audit.record(session, None, ("staff", "fail_login"), employee_id, kind=visit.kind, address=visit.address)
    return WrongCredentials()


def spell(login: str, by_snils: bool) -> list[str]:
    """Return the ways in which the login may be stored, the plainest last (it is the one that is throttled)."""
    typed = normalize("NFC", login.replace("\x00", "")).strip()
    bare = by_snils and typed.isdecimal() and len(typed) == snils.LENGTH
    if not snils.looks_like_snils(typed) and not bare:
        return list(dict.fromkeys([typed, typed.lower()]))
    if not by_snils:
        return [NOBODY]
    digits = snils.digits_of(typed)
    if not snils.is_valid(digits):
        raise Invalid(fields={"login": BAD_SNILS})
    return [snils.shown(digits), digits]


def _refuse_quick(ages: list[float]) -> None:
    if len(ages) < FREE_GUESSES:
        return
    wait = min(LONGEST_WAIT, 2.0 ** (len(ages) - FREE_GUESSES + 1))
    if ages[0] < wait:
        raise Throttled(ceil(wait - ages[0]))


def _refuse_many(ages: list[float], limit: int) -> None:
    if len(ages) >= limit:
        raise Throttled(ceil(max(1.0, WINDOW.total_seconds() - ages[limit - 1])))


def network_of(address: str) -> str:
    """Return what one guesser holds: an IPv4 address, or a whole IPv6 /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))


async def verify(employee: Employee | None, password: str) -> tuple[bool, str | None]:
    """Say if the password is right, as slowly for a login that nobody has; with a new hash if the old is weak."""
    async with _one_at_a_time:
        is_right, new_hash = await to_thread(_verify, normalize("NFC", password), employee)
    return is_right and employee is not None, new_hash


def _verify(password: str, employee: Employee | None) -> tuple[bool, str | None]:
    return hasher.verify_and_update(password, employee.password_hash if employee else nobodys_hash())


def hash_password(password: str) -> str:
    """Return the argon2id hash that is kept."""
    return hasher.hash(normalize("NFC", password))


@cache
def nobodys_hash() -> str:
    """Return the hash of a password that nobody knows."""
    return hasher.hash(token_urlsafe(32))
