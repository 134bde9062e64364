"""Tokens of other systems, what they send, and the addresses that hear of events here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")
KEY = sa.text("uuidv7()")
EVENTS = sa.Enum(
    "call.finished",
    "subscriber.changed",
    "message.state_changed",
    "ping",
    name="webhookevent",
    native_enum=False,
    length=40,
)
STATES = sa.Enum("waiting", "delivered", "failed", name="deliverystate", native_enum=False, length=40)


def upgrade() -> None:
    _create_records()
    op.create_table(
        "integration_token",
        _key(),
        _text("name"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _time("created_at", server_default=NOW),
        _time("expires_at", nullable=True),
        _time("revoked_at", nullable=True),
        _time("last_used_at", nullable=True),
        _points("integration_token", "created_by", "employee"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_integration_token_hash")),
    )
    _create_webhooks()


def _create_records() -> None:
    _create_record(
        "application",
        "submitted_at",
        _text("service"),
        _time("submitted_at"),
        _time("due_at", nullable=True),
        _text("office"),
    )
    _create_record("enquiry", "at", _text("topic"), _text("text"), _text("answer"), _time("at"))
    _create_record("ticket", "at", _text("office"), _text("service"), _text("window"), _time("at"))


def _create_record(table: str, at: str, *columns: sa.Column) -> None:
    op.create_table(
        table,
        _key(),
        *(_text(name) for name in ("source", "external_id", "who", "number", "status")),
        sa.Column("is_finished", sa.Boolean(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        _time("updated_at"),
        _time("received_at", server_default=NOW),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"uq_{table}_source", table, ["source", "external_id"], unique=True)
    newest = [sa.literal_column(f"{at} DESC"), sa.literal_column("id DESC")]
    op.create_index(f"ix_{table}_who", table, ["who", *newest])


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        _key(),
        _text("name"),
        _text("url"),
        sa.Column("events", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        _time("previous_until", nullable=True),
        _time("created_at", server_default=NOW),
        _time("stopped_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_delivery",
        _key(),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", EVENTS, nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        _time("at", server_default=NOW),
        sa.Column("round", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), server_default=sa.text("''"), nullable=False),
        _time("tried_at", nullable=True),
        _points("webhook_delivery", "webhook_id", "webhook"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index("uq_webhook_delivery_event", "webhook_delivery", ["webhook_id", "event_id"], unique=True)
    newest = ["webhook_id", sa.literal_column("id DESC")]
    op.create_index("ix_webhook_delivery_journal", "webhook_delivery", newest)
    op.create_index("ix_webhook_delivery_at", "webhook_delivery", ["at"])


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook", "integration_token", "ticket", "enquiry", "application"):
        op.drop_table(table)


def _key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), server_default=KEY, nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str, nullable: bool = False, **options: sa.TextClause) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, **options)


def _points(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
