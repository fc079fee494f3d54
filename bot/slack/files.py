"""Evidence files to attach: read from the vault, and only if they still are what was put there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bot.evidence import vault
from bot.evidence.vault import Vault
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


class Files:
    """Loads what a `file` message names."""

    def __init__(self, root: Path) -> None:
        self._vault = Vault(root)

    def load(self, tx: Tx, message: OutboxMessage) -> File:
        """Raises FileGoneError."""
        row = _artefact(tx, message)
        stored = vault.Artefact(row.path, row.sha256, row.size, row.kind, "")
        try:
            content = self._vault.read(stored)
        except (OSError, EOFError) as error:
            raise FileGoneError(f"{row.name}: {error}") from error
        if hashlib.sha256(content).hexdigest() != row.sha256:
            raise FileGoneError(f"{row.name} is not what was put into the vault: its SHA-256 differs")
        return File(row.name, str(message.args.get("title") or row.name), content)


def _artefact(tx: Tx, message: OutboxMessage) -> Artefact:
    wanted, incident = message.args["artefact_id"], message.destination.removeprefix("incident:")
    for row in evidence.artefacts(tx, int(incident)):
        if row.id == wanted:
            return row
    raise FileGoneError(f"artefact {wanted} is not in the database")
