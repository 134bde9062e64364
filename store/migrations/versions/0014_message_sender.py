"""Whose act is submitting a message."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("submitting_by", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "submitting_by")
