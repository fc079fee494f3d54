"""Evidence files to attach: read from the vault, and only if they still are what was put there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.evidence.vault import vault
from bot.evidence.vault.vault import Vault
from bot.store import evidence
from bot.store.tables.evidence import Artefact
from bot.store.tables.work import OutboxMessage
from bot.store.types import Tx


class FileGoneError(Exception):
    """The file is not in the vault (any more), or is not what was put there."""


@dataclass(frozen=True)
class File:
    name: str
    title: str
    content: bytes
    alt_text: str = ""


def content(files: Path | Vault, row: Artefact) -> bytes:
    """What the vault holds for this row, secrets taken out. Raises FileGoneError."""
    stored = vault.Artefact(row.path, row.sha256, row.size, row.kind, "")
    try:
        return (files if isinstance(files, Vault) else Vault(files)).read(stored)
    except OSError as error:
        raise FileGoneError(f"{row.name}: {error}") from error


def load(tx: Tx, files: Path | Vault, message: OutboxMessage) -> File:
    """The file that a `file` message names. Raises FileGoneError."""
    row = _artefact(tx, message)
    title = str(message.args.get("title") or row.name)
    return File(row.name, title, content(files, row), str(message.args.get("alt_text") or ""))


def _artefact(tx: Tx, message: OutboxMessage) -> Artefact:
    wanted, incident = message.args["artefact_id"], message.destination.removeprefix("incident:")
    for row in evidence.artefacts(tx, int(incident)):
        if row.id == wanted:
            return row
    raise FileGoneError(f"artefact {wanted} is not in the database")
