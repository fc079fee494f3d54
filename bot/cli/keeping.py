"""`s3incident db` and `s3incident ledger`: looking after what the bot keeps."""

from __future__ import annotations

import typer

from bot.cli import sentences
from bot.cli.database import database_or_exit
from bot.cli.running import settings_or_exit
from bot.store import ledger, migrate
from bot.store.database import Database

db = typer.Typer(no_args_is_help=True, help="The database.")
ledger_commands = typer.Typer(no_args_is_help=True, help="The hash-chained ledger.")


@db.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema. Safe to repeat."""
    database = Database(settings_or_exit("db").database_url)
    migrate.upgrade(database)
    typer.echo(sentences.DATABASE_READY.format(revision=migrate.revision(database)))


@ledger_commands.command("verify")
def verify() -> None:
    """Check the chain of hashes. Exit code 1 names the first broken entry."""
    with database_or_exit(settings_or_exit("db")) as database, database.read() as tx:
        broken, count, head = ledger.first_broken(tx), ledger.size(tx), ledger.head(tx)
    if broken is not None:
        typer.echo(sentences.LEDGER_BROKEN.format(seq=broken), err=True)
        raise typer.Exit(1)
    typer.echo(sentences.LEDGER_WHOLE.format(count=count, head=head) if count else sentences.LEDGER_EMPTY)
