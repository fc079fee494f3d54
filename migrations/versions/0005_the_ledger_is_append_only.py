"""The database itself refuses to change or remove an entry of the ledger"""

from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER ledger_refuses_{event} BEFORE {event} ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
_FUNCTION = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(_FUNCTION)
        op.execute(_POSTGRESQL)
    else:
        for event in ('UPDATE', 'DELETE'):
            op.execute(_SQLITE.format(event=event))


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER ledger_is_append_only ON ledger')
        op.execute('DROP FUNCTION ledger_is_append_only()')
    else:
        for event in ('UPDATE', 'DELETE'):
            op.execute(f'DROP TRIGGER ledger_refuses_{event}')
