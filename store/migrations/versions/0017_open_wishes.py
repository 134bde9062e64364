"""The card finds its open wishes by number and by subscriber."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, column in (("number", "number"), ("subscriber", "subscriber_id")):
        op.create_index(f"ix_callback_wish_{name}", "callback_wish", [column])


def downgrade() -> None:
    for name in ("subscriber", "number"):
        op.drop_index(f"ix_callback_wish_{name}", "callback_wish")
