"""Recordings of talks: their pieces, and who listened to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")
STATES = sa.Enum("open", "joined", "failed", "expired", name="recordingstate", native_enum=False, length=40)


def upgrade() -> None:
    op.add_column("queue", sa.Column("recorded", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_table(
        "recording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("lost", sa.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_recording_call_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_recording_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_call", "recording", ["call_id"])
    op.create_index("ix_recording_leg", "recording", ["leg_id"])
    op.create_index("ix_recording_open", "recording", ["last_at"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_recording_kept", "recording", ["started_at"], postgresql_where=sa.text("state <> 'expired'"))
    op.create_table(
        "recording_segment",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        _belongs("recording_segment"),
        sa.PrimaryKeyConstraint("recording_id", "seq", name=op.f("pk_recording_segment")),
    )
    op.create_table(
        "recording_listening",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("play", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        _belongs("recording_listening"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_recording_listening_employee_id")),
        sa.PrimaryKeyConstraint("recording_id", "employee_id", "play", name=op.f("pk_recording_listening")),
    )


def downgrade() -> None:
    for table in ("recording_listening", "recording_segment", "recording"):
        op.drop_table(table)
    op.drop_column("queue", "recorded")


def _belongs(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_recording_id")
    return sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=name, ondelete="CASCADE")
