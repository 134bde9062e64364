"""The register of one type of subscribers, in the order of names."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAME_ORDER = "replace(lower(full_name), 'ё', 'е')"


def upgrade() -> None:
    op.create_index("ix_subscriber_type", "subscriber", ["type", sa.literal_column(NAME_ORDER)])


def downgrade() -> None:
    op.drop_index("ix_subscriber_type", table_name="subscriber")
