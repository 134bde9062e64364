"""Reasons of a break as data; the version of a queue's settings."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "break_reason",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_reason")),
    )
    op.create_index("uq_break_reason_name", "break_reason", [sa.text("lower(name)")], unique=True)
    op.add_column("queue", sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "version")
    op.drop_index("uq_break_reason_name", table_name="break_reason")
    op.drop_table("break_reason")
