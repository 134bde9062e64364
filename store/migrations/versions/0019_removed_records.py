"""Records that other systems took back, tokens of one source, webhooks with a version."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RECORDS = ("application", "enquiry", "ticket")


def upgrade() -> None:
    for table in RECORDS:
        op.add_column(table, sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("integration_token", sa.Column("source", sa.String(), nullable=True))
    op.add_column("webhook", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))


def downgrade() -> None:
    op.drop_column("webhook", "version")
    op.drop_column("integration_token", "source")
    for table in RECORDS:
        op.drop_column(table, "removed_at")
