"""`s3incident report`: the post-incident report as a file, of a closed incident or of one as it is now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.database import database_or_exit
from bot.cli.incident_name import NO_SUCH, incident_id, refuse
from bot.cli.running import settings_or_exit
from bot.cli.vault import vault_or_exit
from bot.reports.data import ReportData
from bot.reports.gather import gather
from bot.reports.pictures.pictures import pictures
from bot.reports.render import render

CANNOT_WRITE = "The report could not be written to {file}: {error}."
WRITTEN = "{file}: the report of {name}, {state}. The ledger's head is #{seq} {hash}."


def report_command(
    incident: Annotated[str, typer.Argument(help="The incident's number or name, such as inc-0001.")],
    html: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
) -> None:
    """Write an incident's report as one HTML file, from what the database and the vault hold now."""
    data = _gather(incident_id(incident))
    if data is None:
        refuse(NO_SUCH.format(name=incident))
    page = render(data, pictures=pictures(data.whole) if data.whole else ())
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        refuse(CANNOT_WRITE.format(file=html, error=error.strerror))
    state = "closed" if data.facts.closed_at else f"not closed yet (phase {data.facts.phase})"
    chain = data.chain
    typer.echo(
        WRITTEN.format(file=html, name=data.facts.name, state=state, seq=chain.seq, hash=chain.hash[:12])
    )


def _gather(number: int) -> ReportData | None:
    settings = settings_or_exit("db")
    vault = vault_or_exit(settings)
    with database_or_exit(settings) as database, database.read() as tx:
        return gather(tx, number, vault)
