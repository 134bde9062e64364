"""The call in full: hold, hand-over, calling out, a lost page, a choice instead of waiting."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LIVE = "stage IN ('waiting', 'choosing', 'ringing', 'talking', 'post_processing')"
LIVE_BEFORE = "stage IN ('waiting', 'ringing', 'talking', 'post_processing')"


def upgrade() -> None:
    op.create_table('line_page',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_page'))
    )
    op.create_index('ix_line_page_number', 'line_page', ['number', 'seen_at'], unique=False)
    op.add_column('call', sa.Column('held_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('call', sa.Column('outcome', sa.Enum('answered', 'no_answer', 'busy', 'refused', 'unreachable', 'cancelled', name='dialoutcome', native_enum=False, length=40), nullable=True))
    op.add_column('line_leg', sa.Column('role', sa.Enum('main', 'transfer', 'consult', 'outbound', name='servingrole', native_enum=False, length=40), server_default=sa.text("'main'"), nullable=False))
    op.add_column('line_leg', sa.Column('page_id', sa.Uuid(), nullable=True))
    op.add_column('line_leg', sa.Column('lost_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('queue', sa.Column('choice_seconds', sa.Integer(), server_default=sa.text('60'), nullable=False))
    op.add_column('queue', sa.Column('after_lapse', sa.Enum('inactive', 'incoming', 'outgoing', 'break', name='deskstatus', native_enum=False, length=40), nullable=True))
    op.add_column('queue', sa.Column('greeting', sqlmodel.sql.sqltypes.AutoString(), server_default=sa.text("''"), nullable=False))
    op.add_column('serving', sa.Column('filled', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.drop_index("ix_call_live", table_name="call")
    op.create_index("ix_call_live", "call", ["stage"], postgresql_where=sa.text(LIVE))


def downgrade() -> None:
    op.drop_index("ix_call_live", table_name="call")
    op.create_index("ix_call_live", "call", ["stage"], postgresql_where=sa.text(LIVE_BEFORE))
    op.drop_column('serving', 'filled')
    op.drop_column('queue', 'greeting')
    op.drop_column('queue', 'after_lapse')
    op.drop_column('queue', 'choice_seconds')
    op.drop_column('line_leg', 'lost_at')
    op.drop_column('line_leg', 'page_id')
    op.drop_column('line_leg', 'role')
    op.drop_column('call', 'outcome')
    op.drop_column('call', 'held_since')
    op.drop_index('ix_line_page_number', table_name='line_page')
    op.drop_table('line_page')
