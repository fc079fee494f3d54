"""One process at a time carries out a plan: which take-up of the execution is the present one"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('executions', sa.Column('taken_up', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    op.drop_column('executions', 'taken_up')
