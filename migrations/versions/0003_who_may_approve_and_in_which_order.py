"""Approval policies, reminders, escalation, break-glass, and the order of changes approved together"""

from alembic import op
import sqlalchemy as sa

import bot.store.types


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_PLANS = ('policy', 'batch_id', 'batch_position', 'must_wait_for', 'reminded', 'reminded_at', 'escalated_at')


def upgrade() -> None:
    moment = bot.store.types.UtcDateTime(timezone=True)
    op.add_column('plans', sa.Column('policy', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('plans', sa.Column('batch_id', sa.String(), nullable=True))
    op.add_column('plans', sa.Column('batch_position', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('plans', sa.Column('must_wait_for', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('plans', sa.Column('reminded', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('plans', sa.Column('reminded_at', moment, nullable=True))
    op.add_column('plans', sa.Column('escalated_at', moment, nullable=True))
    op.add_column('approvals', sa.Column('break_glass', sa.String(), nullable=True))
    op.create_index('ix_plans_batch_id', 'plans', ['batch_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_plans_batch_id', 'plans')
    op.drop_column('approvals', 'break_glass')
    for name in reversed(_PLANS):
        op.drop_column('plans', name)
