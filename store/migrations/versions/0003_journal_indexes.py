"""Each filter of the journal has its index; names are searched by their letters (store/subscriber.py says why)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STARTED = [sa.text("started_at DESC"), sa.text("id DESC")]
OFFERED = [sa.text("offered_at DESC"), sa.text("id DESC")]
LETTERS = (
    "(translate(lower(full_name), 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя', 'abvgdeejziyklmnoprstufhc123456789')) gin_trgm_ops"
)


def upgrade() -> None:
    op.create_index("ix_call_employee", "call", ["employee_id", *STARTED])
    op.create_index("ix_call_stage", "call", ["stage", *STARTED])
    op.create_index("ix_call_outbound", "call", STARTED, postgresql_where=sa.text("kind = 'outbound'"))
    op.create_index("ix_call_postponed", "call", STARTED, postgresql_where=sa.text("postponed"))
    op.create_index(
        "ix_serving_missed", "serving", ["employee_id", *OFFERED], postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_index("ix_subscriber_letters", "subscriber", [sa.text(LETTERS)], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_subscriber_letters", table_name="subscriber")
    op.drop_index("ix_serving_missed", table_name="serving")
    for name in ("postponed", "outbound", "stage", "employee"):
        op.drop_index(f"ix_call_{name}", table_name="call")
