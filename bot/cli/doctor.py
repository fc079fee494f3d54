"""`s3incident doctor`: is everything as the bot needs it? Each line says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from rich.console import Console
from rich.markup import escape

from bot import logs
from bot.aws import checkup as aws
from bot.aws.access import AwsAccess
from bot.checkup import Line, ill, well
from bot.cli.running import settings_or_exit
from bot.config import Settings
from bot.incidents import vaults
from bot.playbooks.load import load, playbook_path
from bot.playbooks.problems import PlaybookError
from bot.slack import checkup as slack
from bot.store import migrate
from bot.store.database import Database

_MARK = {"well": "[green]ok[/]   ", "worry": "[yellow]look[/] ", "ill": "[red]ill[/]  "}


def doctor_command() -> None:
    """Check tokens, scopes, socket, database, AWS identity, roles, trails, vault. Exit 1 when one is ill."""
    logs.configure("ERROR")
    settings = settings_or_exit("worker")
    console = Console(soft_wrap=True)
    sick = False
    for line in _lines(settings):
        console.print(f"{_MARK[line.state]}{escape(line.what)}: {escape(line.found)}")
        if line.todo:
            console.print(f"       -> {escape(line.todo)}")
        sick = sick or line.state == "ill"
    if sick:
        raise typer.Exit(1)


def _lines(settings: Settings) -> Iterator[Line]:
    yield _database(settings)
    yield _playbook(settings)
    yield from slack.checkup(settings)
    yield from aws.checkup(settings, AwsAccess(settings))
    yield from vaults.checkup(settings, AwsAccess(settings))


def _database(settings: Settings) -> Line:
    database = Database(settings.database_url)
    try:
        at, newest = migrate.revision(database), migrate.newest_revision(database)
    except migrate.UnreachableError as error:
        return ill("Database", str(error), "Check DATABASE_URL.")
    finally:
        database.close()
    if at != newest:
        return ill("Database", f"at {at or 'nothing'}, newest is {newest}", "Run `s3incident db upgrade`.")
    return well("Database", f"at the newest schema ({at})")


def _playbook(settings: Settings) -> Line:
    try:
        loaded = load(playbook_path(settings.playbook, settings.playbooks_dir))
    except PlaybookError as error:
        return ill("Playbook", str(error.problems[0]), "`s3incident playbook check FILE` names all of them.")
    return well("Playbook", f"{loaded.playbook.title}, {len(loaded.playbook.steps)} steps")
