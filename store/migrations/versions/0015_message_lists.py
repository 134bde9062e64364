"""Lists of messages by their sender and by the beginning of an address."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    newest = (sa.text("created_at DESC"), sa.text("id DESC"))
    op.create_index("ix_message_sender", "message", ["sender_id", *newest])
    op.create_index("ix_message_address", "message", [sa.text("lower(address)")])


def downgrade() -> None:
    op.drop_index("ix_message_address", table_name="message")
    op.drop_index("ix_message_sender", table_name="message")
