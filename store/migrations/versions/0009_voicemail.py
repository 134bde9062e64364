"""Messages and kept places of citizens whom nobody answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")
NEWEST = [sa.literal_column("at DESC"), sa.literal_column("id DESC")]
STATES = sa.Enum("open", "joined", "failed", "expired", name="recordingstate", native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "callback_wish",
        *_left("callback_wish"),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_callback_wish_list", "callback_wish", NEWEST)
    op.create_table(
        "voicemail",
        *_left("voicemail"),
        sa.Column("state", STATES, nullable=False),
        sa.Column("object", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("heard_by", sa.Uuid(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        _points("voicemail", "heard_by", "employee"),
    )
    op.create_index("ix_voicemail_list", "voicemail", NEWEST)
    unheard = sa.text("heard_at IS NULL AND state <> 'expired'")
    op.create_index("ix_voicemail_new", "voicemail", NEWEST, postgresql_where=unheard)
    op.create_index("ix_voicemail_open", "voicemail", ["asked_at"], postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "voicemail_listening",
        sa.Column("voicemail_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("play", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        _points("voicemail_listening", "employee_id", "employee"),
        _points("voicemail_listening", "voicemail_id", "voicemail", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("voicemail_id", "employee_id", "play", name=op.f("pk_voicemail_listening")),
    )


def downgrade() -> None:
    for table in ("voicemail_listening", "voicemail", "callback_wish"):
        op.drop_table(table)


def _left(table: str) -> list[sa.schema.SchemaItem]:
    """What a message and a wish have in common."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        _points(table, "call_id", "call"),
        _points(table, "queue_id", "queue"),
        _points(table, "subscriber_id", "subscriber"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("call_id", name=op.f(f"uq_{table}_call_id")),
    ]


def _points(table: str, column: str, other: str, **options: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), **options)
