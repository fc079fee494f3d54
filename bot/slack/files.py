"""Evidence files to attach: read from the vault, and only if they still are what was put there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bot.evidence.vault import vault
from bot.evidence.vault.vault import Vault
from bot.store import evidence, plans
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
    if "plan_id" in message.args:
        return _plan(tx, str(message.args["plan_id"]))
    row = _artefact(tx, message)
    title = str(message.args.get("title") or row.name)
    return File(row.name, title, content(files, row), str(message.args.get("alt_text") or ""))


def _plan(tx: Tx, plan_id: str) -> File:
    """A plan in full, as it is stored: what its hash covers, and what only explains it."""
    row = plans.get(tx, plan_id)
    if row is None:
        raise FileGoneError(f"plan {plan_id} is not in the database")
    whole = {"digest": row.digest, "base_hash": row.base_hash, **row.body}
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    title = f"Plan {row.number} in full: {row.body['title']}"
    return File(f"plan-{row.number}-{row.digest[:8]}.json", title[:250], text.encode())


def _artefact(tx: Tx, message: OutboxMessage) -> Artefact:
    wanted, incident = message.args["artefact_id"], message.destination.removeprefix("incident:")
    for row in evidence.artefacts(tx, int(incident)):
        if row.id == wanted:
            return row
    raise FileGoneError(f"artefact {wanted} is not in the database")
