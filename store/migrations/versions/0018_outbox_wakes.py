"""The outbox wakes the relay by itself: no writer has to remember it, and it costs no statement."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN NOTIFY pult_outbox; RETURN NULL; END $$"""
    )
    op.execute(
        "CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_wake()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER outbox_wake ON outbox")
    op.execute("DROP FUNCTION outbox_wake()")
