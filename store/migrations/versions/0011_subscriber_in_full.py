"""The subscriber's card in full: fields by type, the history of each card, merges that can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FIELDS = ("snils", "inn", "ogrn", "kpp", "contact_person", "region", "time_zone")
NOW = sa.text("clock_timestamp()")
ACTS = sa.Enum("added", "saved", "imported", "merged", "unmerged", name="act", native_enum=False, length=40)


def upgrade() -> None:
    for name in FIELDS:
        op.add_column("subscriber", sa.Column(name, sa.String(), nullable=True))
    op.add_column("subscriber", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_subscriber_merged_into"), "subscriber", "subscriber", ["merged_into"], ["id"])
    for index, column in (("snils", "snils"), ("inn", "inn"), ("merged", "merged_into")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_subscriber_{index}", "subscriber", [column], postgresql_where=there)
    _create_changes()
    _create_merges()


def _create_changes() -> None:
    op.create_table(
        "subscriber_change",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("act", ACTS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        _points("subscriber_change", "subscriber_id", "subscriber"),
        _points("subscriber_change", "actor_id", "employee"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_change")),
    )
    newest = ["subscriber_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")]
    op.create_index("ix_subscriber_change_card", "subscriber_change", newest)
    op.execute(
        """
        CREATE FUNCTION subscriber_change_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the history of a card is append-only' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER subscriber_change_append_only BEFORE UPDATE OR DELETE ON subscriber_change "
        "FOR EACH ROW EXECUTE FUNCTION subscriber_change_append_only()"
    )


def _create_merges() -> None:
    op.create_table(
        "subscriber_merge",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        _points("subscriber_merge", "kept_id", "subscriber"),
        _points("subscriber_merge", "merged_id", "subscriber"),
        _points("subscriber_merge", "actor_id", "employee"),
        _points("subscriber_merge", "undone_by", "employee"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_merge")),
    )
    standing = sa.text("undone_at IS NULL")
    op.create_index("ix_subscriber_merge_kept", "subscriber_merge", ["kept_id"], postgresql_where=standing)
    op.create_index(
        "uq_subscriber_merge_merged", "subscriber_merge", ["merged_id"], unique=True, postgresql_where=standing
    )
    op.create_table(
        "subscriber_moved",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        _points("subscriber_moved", "merge_id", "subscriber_merge"),
        sa.PrimaryKeyConstraint("merge_id", "thing", "thing_id", name=op.f("pk_subscriber_moved")),
    )


def downgrade() -> None:
    for table in ("subscriber_moved", "subscriber_merge", "subscriber_change"):
        op.drop_table(table)
    op.execute("DROP FUNCTION subscriber_change_append_only()")
    for index in ("merged", "inn", "snils"):
        op.drop_index(f"ix_subscriber_{index}", "subscriber")
    op.drop_constraint(op.f("fk_subscriber_merged_into"), "subscriber", type_="foreignkey")
    for name in (*reversed(FIELDS), "merged_into"):
        op.drop_column("subscriber", name)


def _points(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
