"""The journal's filters keep its order at any size: by reason and by operator without a sort, missed calls and outcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STARTED = [sa.text("started_at DESC"), sa.text("id DESC")]
OF_CALL = [sa.text("started_at DESC"), sa.text("call_id DESC")]
MISSED = "answered_at IS NULL AND ended_at IS NOT NULL AND kind = 'inbound'"
SERVED = "(answered_at IS NOT NULL OR role = 'outbound') AND role <> 'consult'"


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION started_with_its_call() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT started_at INTO NEW.started_at FROM call WHERE id = NEW.call_id;
            RETURN NEW;
        END $$
        """
    )
    for table in ("serving", "call_reason"):
        op.add_column(table, sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE {table} SET started_at = call.started_at FROM call WHERE call.id = call_id")
        op.alter_column(table, "started_at", nullable=False)
        op.execute(
            f"CREATE TRIGGER started_with_its_call BEFORE INSERT ON {table} FOR EACH ROW "
            "WHEN (NEW.started_at IS NULL) EXECUTE FUNCTION started_with_its_call()"
        )
    op.drop_index("ix_call_reason_reason_id_call_id", table_name="call_reason")
    op.create_index("ix_call_reason_journal", "call_reason", ["reason_id", *OF_CALL])
    op.create_index("ix_serving_served", "serving", ["employee_id", *OF_CALL], postgresql_where=sa.text(SERVED))
    op.create_index("ix_call_missed", "call", STARTED, postgresql_where=sa.text(MISSED))
    op.create_index("ix_call_outcome", "call", ["outcome", *STARTED], postgresql_where=sa.text("outcome IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_call_outcome", table_name="call")
    op.drop_index("ix_call_missed", table_name="call")
    op.drop_index("ix_serving_served", table_name="serving")
    op.drop_index("ix_call_reason_journal", table_name="call_reason")
    op.create_index("ix_call_reason_reason_id_call_id", "call_reason", ["reason_id", "call_id"])
    for table in ("call_reason", "serving"):
        op.execute(f"DROP TRIGGER started_with_its_call ON {table}")
        op.drop_column(table, "started_at")
    op.execute("DROP FUNCTION started_with_its_call()")
