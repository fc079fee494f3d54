"""Whether an incident's evidence still is what was put into the vault.

Three records tell of every file, each kept apart from the others: the database's row, the vault's manifest,
and the ledger, whose entries name the files and the manifest's newest line. The files are hashed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.evidence.vault.manifest import Chain, Entry, check
from bot.evidence.vault.stores import Store
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault, damage
from bot.incidents import custody_sentences as say
from bot.store import evidence, ledger
from bot.store.tables.evidence import Artefact
from bot.store.tables.incidents import Incident
from bot.store.tables.ledger import LedgerEntry
from bot.store.types import Tx

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Broken:
    """Something that is not as it was: `what` (a file's name, a line, an entry), `where` it lies, and why."""

    what: str
    where: str
    why: str


@dataclass(frozen=True)
class Verification:
    """What was checked and what is broken, in the order of the records.

    `files` are the database's; `notes` are worth knowing, and no break.
    """

    incident: str
    files: int
    stores: tuple[str, ...]
    broken: tuple[Broken, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is broken."""
        return not self.broken


@dataclass(frozen=True)
class _Kept:
    """One store's manifest, and which of its lines tell of which content."""

    store: Store
    chain: Chain

    def line_of(self, row: Artefact, incident: str) -> Entry | None:
        for entry in self.chain.entries:
            if (entry.sha256, entry.size, entry.path) == (row.sha256, row.size, row.path) and (
                entry.custody.incident == incident
            ):
                return entry
        return None

    def began_after(self, moment: datetime) -> bool:
        """Whether this store had no manifest yet at that moment."""
        first = self.chain.entries[0].at if self.chain.entries else None
        return first is None or datetime.fromisoformat(first) > moment


def stored(row: Artefact) -> Stored:
    """The row as the vault knows it."""
    return Stored(row.path, row.sha256, row.size, row.kind, "")


def verify(tx: Tx, vault: Vault, incident: Incident, progress: Progress) -> Verification:
    """Hashes every file of the incident again, in every store, and compares all that tells of it.

    `progress` gets the name of each file before it is read.
    """
    rows = evidence.artefacts(tx, incident.id)
    told = [entry for entry in ledger.entries(tx, incident.id) if "sha256" in entry.detail]
    broken = [*_ledger(tx), *_rows_gone(rows, told)]
    notes: list[str] = []
    for number, store in enumerate(vault.stores):
        try:
            kept = _Kept(store, check(store.lines()))
        except OSError as error:
            broken.append(Broken(say.MANIFEST, store.where, say.UNREADABLE.format(error=error)))
            continue
        broken += [*_lines(kept), *_heads(kept, told), *_files(kept, rows, incident.name, number, progress)]
        broken += _others_damaged(kept, rows, incident.name)
        notes += [*_notes(kept), *_unclaimed(kept, rows, incident.name)]
        notes += _before(kept, rows, incident.name, number)
    return Verification(
        incident.name, len(rows), tuple(store.where for store in vault.stores), tuple(broken), tuple(notes)
    )


def _ledger(tx: Tx) -> Iterator[Broken]:
    seq = ledger.first_broken(tx)
    if seq is not None:
        yield Broken(say.LEDGER_ENTRY.format(seq=seq), say.DATABASE, say.LEDGER_CHANGED)


def _rows_gone(rows: Sequence[Artefact], told: Sequence[LedgerEntry]) -> Iterator[Broken]:
    """Files that the ledger names and the database does not."""
    known = {row.sha256 for row in rows}
    for entry in told:
        named = entry.detail["sha256"]
        for sha256 in named if isinstance(named, list) else [named]:
            if sha256 not in known:
                yield Broken(
                    say.FILE.format(sha256=sha256[:12]), say.DATABASE, say.GONE.format(seq=entry.seq)
                )


def _lines(kept: _Kept) -> Iterator[Broken]:
    for flaw in kept.chain.flaws:
        if not flaw.torn:
            yield Broken(say.LINE.format(line=flaw.line), kept.store.where, flaw.why)


def _heads(kept: _Kept, told: Sequence[LedgerEntry]) -> Iterator[Broken]:
    """Lines that the ledger vouches for and the manifest has no more, or has otherwise."""
    hashes = {entry.seq: entry.hash for entry in kept.chain.entries}
    for entry in told:
        head: Mapping[str, Any] = entry.detail.get("manifest") or {}
        if head.get("where") == kept.store.where and hashes.get(head["seq"]) != head["hash"]:
            what = say.LINE.format(line=head["seq"])
            yield Broken(what, kept.store.where, say.REWRITTEN.format(seq=entry.seq))


def _files(
    kept: _Kept, rows: Sequence[Artefact], incident: str, number: int, progress: Progress
) -> Iterator[Broken]:
    for row in rows:
        line = kept.line_of(row, incident)
        if line is None and number > 0 and kept.began_after(row.created_at):
            continue
        if line is None:
            yield Broken(row.name, kept.store.where, say.NO_LINE)
        progress(row.name)
        if (why := damage(kept.store, stored(row))) is not None:
            yield Broken(row.name, kept.store.where, why)


def _others(kept: _Kept, rows: Sequence[Artefact], incident: str) -> Iterator[Entry]:
    """Lines of the incident that no row goes with."""
    known = {row.sha256 for row in rows}
    for entry in kept.chain.entries:
        if entry.custody.incident == incident and entry.sha256 not in known:
            yield entry


def _others_damaged(kept: _Kept, rows: Sequence[Artefact], incident: str) -> Iterator[Broken]:
    for entry in _others(kept, rows, incident):
        found = Stored(entry.path, entry.sha256, entry.size, entry.kind, "")
        if (why := damage(kept.store, found)) is not None:
            yield Broken(entry.name, kept.store.where, why)


def _before(kept: _Kept, rows: Sequence[Artefact], incident: str, number: int) -> Iterator[str]:
    """Files from before a copy was set up."""
    for row in rows:
        if number > 0 and kept.line_of(row, incident) is None and kept.began_after(row.created_at):
            yield say.BEFORE_COPY.format(name=row.name, where=kept.store.where)


def _notes(kept: _Kept) -> Iterator[str]:
    for line in kept.chain.mended:
        yield say.MENDED.format(line=line, where=kept.store.where)
    for flaw in kept.chain.flaws:
        if flaw.torn:
            yield say.TORN.format(line=flaw.line, where=kept.store.where)


def _unclaimed(kept: _Kept, rows: Sequence[Artefact], incident: str) -> Iterator[str]:
    for entry in _others(kept, rows, incident):
        yield say.UNCLAIMED.format(name=entry.name, line=entry.seq, where=kept.store.where)
