"""`s3incident evidence`: listing, checking and handing over what the vault holds of an incident."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bot.cli import evidence_sentences as say
from bot.cli.athena import athena_setup_command
from bot.cli.database import database_or_exit
from bot.cli.digests import digests_command
from bot.cli.evidence_export import export_to
from bot.cli.incident_name import NO_SUCH, incident_id, refuse
from bot.cli.running import settings_or_exit
from bot.cli.vault import vault_or_exit
from bot.evidence.vault.vault import Vault
from bot.incidents.custody import Verification, verify
from bot.store import evidence, incidents
from bot.store.tables.evidence import Artefact
from bot.store.tables.incidents import Incident
from bot.store.types import Tx

app = typer.Typer(no_args_is_help=True, help="The evidence in the vault, and the logs it comes from.")
app.command("digests")(digests_command)
app.command("athena-setup")(athena_setup_command)

Name = Annotated[str, typer.Argument(help="The incident's number or name, such as inc-0001.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")]


class _Opened(NamedTuple):
    tx: Tx
    vault: Vault
    incident: Incident
    rows: list[Artefact]


@app.command("list")
def list_command(incident: Name, as_json: Json = False) -> None:
    """List an incident's files: what each is, its size, its SHA-256."""
    with _opened(incident) as (_, _, found, rows):
        if as_json:
            typer.echo(json.dumps([_told(row) for row in rows], indent=2))
            return
        typer.echo(say.LIST.format(name=found.name, count=len(rows)) if rows else say.NOTHING)
        for row in rows:
            typer.echo(say.ROW.format(**_told(row)))


@app.command("verify")
def verify_command(incident: Name, as_json: Json = False) -> None:
    """Hash every file of an incident again and check the chains. Exit code 1 names everything broken."""
    with _opened(incident) as (tx, vault, found, _):
        result = verify(tx, vault, found, lambda name: typer.echo(say.READING.format(name=name), err=True))
    typer.echo(json.dumps(_verified(result), indent=2) if as_json else "\n".join(_text(result)))
    if not result.whole:
        raise typer.Exit(1)


@app.command("export")
def export_command(
    incident: Name,
    folder: Annotated[Path, typer.Argument(help="A folder to make, or an empty one.")],
    as_received: Annotated[
        bool,
        typer.Option(
            "--as-received/--redacted",
            help="As received holds live session tokens and signatures: for the authorities, not for a chat.",
        ),
    ] = False,
) -> None:
    """Copy an incident's files to a folder, with a SHA256SUMS that `sha256sum -c` checks."""
    with _opened(incident) as (_, vault, found, rows):
        try:
            missing = export_to(folder, vault, found.name, rows, as_received=as_received)
        except OSError as error:
            refuse(say.CANNOT_WRITE.format(folder=folder, error=error))
    said = say.EXPORTED_AS_RECEIVED if as_received else say.EXPORTED
    typer.echo(said.format(folder=folder, count=len(rows) - len(missing)))
    for name, why in missing:
        typer.echo(say.NOT_EXPORTED.format(name=name, why=why), err=True)
    if missing:
        raise typer.Exit(1)


@contextmanager
def _opened(name: str) -> Iterator[_Opened]:
    """The incident with its files, read in one transaction."""
    number = incident_id(name)
    settings = settings_or_exit("db")
    vault = vault_or_exit(settings)
    with database_or_exit(settings) as database, database.read() as tx:
        found = incidents.get(tx, number)
        if found is None:
            refuse(NO_SUCH.format(name=name))
        yield _Opened(tx, vault, found, evidence.artefacts(tx, number))


def _told(row: Artefact) -> dict[str, object]:
    return {
        "name": row.name,
        "kind": row.kind,
        "run": row.evidence_run_id,
        "size": row.size,
        "sha256": row.sha256,
        "stored_at": row.created_at.isoformat(),
    }


def _verified(result: Verification) -> dict[str, object]:
    return {"whole": result.whole, **dataclasses.asdict(result)}


def _text(result: Verification) -> Iterator[str]:
    if result.whole:
        yield say.WHOLE.format(name=result.incident, count=result.files, stores=" and ".join(result.stores))
    else:
        yield say.BROKEN.format(name=result.incident, count=len(result.broken))
    for number, one in enumerate(result.broken):
        line = say.FIRST_BROKEN if number == 0 else say.ALSO_BROKEN
        yield line.format(what=one.what, where=one.where, why=one.why)
    yield from (say.NOTE.format(text=note) for note in result.notes)
    if not result.whole:
        yield say.WHAT_NOW
