"""Marks of telephone numbers; what a job came to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = sa.Enum("nuisance", "blocked", name="markkind", native_enum=False, length=40)
ENDS = sa.Enum("lifted", "replaced", "expired", name="markend", native_enum=False, length=40)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "number_mark",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end", ENDS, nullable=True),
        _points("set_by", "employee"),
        _points("ended_by", "employee"),
        _points("call_id", "call"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_mark")),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index("uq_number_mark_open", "number_mark", ["number"], unique=True, postgresql_where=still_open)
    op.create_index("ix_number_mark_number", "number_mark", ["number", sa.literal_column("set_at DESC")])
    newest = [sa.literal_column("set_at DESC"), sa.literal_column("id DESC")]
    op.create_index("ix_number_mark_list", "number_mark", newest)
    op.add_column("job", sa.Column("result", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "result")
    op.drop_table("number_mark")


def _points(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_number_mark_{column}"))
