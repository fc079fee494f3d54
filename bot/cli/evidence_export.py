"""An incident's evidence as a folder that can be checked without this program."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from bot.cli.evidence_sentences import NOT_EMPTY
from bot.evidence.redact import redact_bytes
from bot.evidence.vault.manifest import written
from bot.evidence.vault.vault import Vault
from bot.incidents.custody import stored
from bot.store.tables.evidence import Artefact

SUMS = "SHA256SUMS"
MANIFEST = "manifest.jsonl"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def export_to(
    folder: Path, vault: Vault, incident: str, rows: Sequence[Artefact], *, as_received: bool
) -> list[tuple[str, str]]:
    """Writes every file, the manifest's lines about them, and the sums.

    Returns the names of files that could not be had, and why. Raises OSError when the folder cannot be
    written, or is not empty.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise OSError(NOT_EMPTY.format(folder=folder))
    sums: dict[str, str] = {}
    missing: list[tuple[str, str]] = []
    for row in rows:
        name = f"{_folder(row)}{_UNSAFE.sub('_', row.name)}"
        if name in sums:
            name = f"{_folder(row)}{row.id}-{_UNSAFE.sub('_', row.name)}"
        try:
            content = vault.as_received(stored(row)) if as_received else vault.read(stored(row))
        except OSError as error:
            missing.append((row.name, str(error)))
            continue
        sums[name] = _write(folder / name, content)
    lines = (written(entry) + b"\n" for entry in vault.entries() if entry.custody.incident == incident)
    sums[MANIFEST] = _write(folder / MANIFEST, redact_bytes(b"".join(lines)))
    listed = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items())
    _write(folder / SUMS, listed.encode())
    return missing


def _folder(row: Artefact) -> str:
    """Files of two investigations have the same names."""
    return f"run-{row.evidence_run_id}/" if row.evidence_run_id is not None else ""


def _write(path: Path, content: bytes) -> str:
    """Writes a file for this user alone; the SHA-256 of it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()
