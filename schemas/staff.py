"""Staff: roles, the actor of a request, what is typed at login."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Value


class Role(StrEnum):
    """The four roles of the manual (Table 2)."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    KNOWLEDGE_USER = "knowledge_user"


ROLE_WORDS = {
    Role.ADMINISTRATOR: "Администратор",
    Role.OPERATOR: "Оператор",
    Role.SUPERVISOR: "Супервизор",
    Role.KNOWLEDGE_USER: "Пользователь базы знаний",
}
"""The role as the manual names it (gettext msgids)."""

AT_A_DESK = (Role.OPERATOR, Role.SUPERVISOR)
"""Roles that take and place calls (R17, R24)."""


class Actor(Value):
    """Who asks: an employee in one role, by one session."""

    employee_id: UUID
    session_id: UUID
    role: Role
    roles: tuple[Role, ...]
    full_name: str
    desk_id: UUID | None = None
    csrf: str = ""


class Credentials(Value):
    """What is typed at login."""

    login: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=200)


class IssuedToken(Value):
    """A new session's secret, shown once, and until when it is good."""

    token: str
    roles: tuple[Role, ...]
    role: Role | None
    expires_at: datetime


class EmployeeView(Value):
    """An employee as an administrator sees him."""

    id: UUID
    login: str
    full_name: str
    roles: tuple[Role, ...]
    blocked_at: datetime | None = None
