"""Staff: employees and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from schemas.staff import Role
from store.base import created_column, key_column, one_of, time_column


class Employee(SQLModel, table=True):
    """A person who works in the centre; `login` may be a СНИЛС."""

    __tablename__ = "employee"
    id: UUID = key_column()
    login: str = Field(unique=True)
    full_name: str
    password_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    blocked_at: datetime | None = time_column(nullable=True)
    created_at: datetime = created_column()


class StaffSession(SQLModel, table=True):
    """A reference token: only its hash is kept. `role` is empty until one of several is chosen."""

    __tablename__ = "staff_session"
    id: UUID = key_column()
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    employee_id: UUID = Field(foreign_key="employee.id", index=True)
    role: Role | None = Field(default=None, sa_type=one_of(Role), nullable=True)
    kind: str = "browser"
    csrf: str = ""
    address: str = ""
    created_at: datetime = created_column()
    seen_at: datetime = created_column()
    ended_at: datetime | None = time_column(nullable=True)
    end_reason: str | None = None


class LoginAttempt(SQLModel, table=True):
    """A failed login: throttles the account and the address. `subject` is a keyed hash, not the login itself."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "subject", text("at DESC")),)
    id: UUID = key_column()
    subject: str
    at: datetime = created_column()
