"""`s3incident report`: the post-incident report as a file, of a closed incident or of one as it is now."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.cli.running import settings_or_exit
from bot.evidence.vault.vault import Vault
from bot.reports.data import ReportData
from bot.reports.gather import gather
from bot.reports.render import render
from bot.store.database import Database

NOT_A_NAME = "{name!r} is not an incident. Give its number or its name, such as 1 or inc-0001."
NO_SUCH = "There is no incident {name}. `/s3incident list` shows those that are open."
CANNOT_WRITE = "The report could not be written to {file}: {error}."
WRITTEN = "{file}: the report of {name}, {state}. The ledger's head is #{seq} {hash}."

_NAME = re.compile(r"(?:inc-)?0*([1-9][0-9]{0,8})", re.IGNORECASE)


def report_command(
    incident: Annotated[str, typer.Argument(help="The incident's number or name, such as inc-0001.")],
    html: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
) -> None:
    """Write an incident's report as one HTML file, from what the database and the vault hold now."""
    known = _NAME.fullmatch(incident.strip())
    if known is None:
        _refuse(NOT_A_NAME.format(name=incident))
    data = _gather(int(known[1]))
    if data is None:
        _refuse(NO_SUCH.format(name=incident))
    try:
        html.write_text(render(data), encoding="utf-8")
    except OSError as error:
        _refuse(CANNOT_WRITE.format(file=html, error=error.strerror))
    state = "closed" if data.facts.closed_at else f"not closed yet (phase {data.facts.phase})"
    chain = data.chain
    typer.echo(
        WRITTEN.format(file=html, name=data.facts.name, state=state, seq=chain.seq, hash=chain.hash[:12])
    )


def _gather(incident_id: int) -> ReportData | None:
    settings = settings_or_exit("db")
    database = Database(settings.database_url)
    try:
        with database.read() as tx:
            return gather(tx, incident_id, Vault(settings.vault_dir))
    finally:
        database.close()


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
