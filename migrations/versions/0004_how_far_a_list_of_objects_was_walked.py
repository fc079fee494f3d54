"""How far a call is that is made once for each object of a list"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('call_journal', sa.Column('progress', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('call_journal', 'progress')
