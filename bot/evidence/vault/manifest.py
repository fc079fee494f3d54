"""The manifest: one line for every artefact and run, each carrying the hash of the line before.

A line is a JSON object that begins with its own `hash`: SHA-256 over the line without that member. Its
`previous` is the hash of the line before, so that changing, removing or moving a line shows. Cutting off the
newest lines does not show from inside: the ledger and the database name the lines they rely on.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

GENESIS = "0" * 64

CHANGED = "this line was changed: its hash is not that of its content"
MISFIT = "this line does not follow the one before: a line was removed, moved or put in here"
CUT_SHORT = (
    "the last line is cut short, as by a kill or by somebody's hand; the next line written will say so"
)

_OPENING = b'{"hash":"'
_BODY = len(_OPENING) + 64 + len(b'",')


class ReadFrom(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source that was read: its kind and place (see report.Source), how many files and look-ups."""

    kind: str
    where: str
    files: int = 0
    lookups: int = 0
    complete: bool = True


class Custody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something is kept.

    - `incident` is its name (`inc-0001`), `run` the number of the evidence run.
    - `asked_by` is a Slack user id, or this program.
    - `query` is the question as JSON, `wanted` the digests of what the sources were searched for (see
      `Wanted.digest`), `window` is (start, end), UTC, or empty for all time.
    - `sources` were read; the ids of the parts read of them are the lines of the artefact whose SHA-256 is
      `parts_sha256`.
    - `records` is how many records the artefact holds, where it holds records.
    """

    incident: str = ""
    run: int | None = None
    asked_by: str = "s3incident"
    query: str = ""
    wanted: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    sources: tuple[ReadFrom, ...] = ()
    parts_sha256: str = ""
    records: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the manifest.

    `at` is when it was stored (UTC), `path` lies under the vault's root, `sha256` and `size` are of the
    content unpacked. `reader` is the program's version and that of the result's schema. `mends` is the
    SHA-256 of a line before this one that a kill cut short. `hash` is empty until the line is written.
    """

    seq: int
    at: str
    name: str
    kind: str
    path: str
    sha256: str
    size: int
    reader: str
    custody: Custody = Custody()
    mends: str = ""
    previous: str = GENESIS
    hash: str = ""


@dataclass(frozen=True)
class Head:
    """The newest line of the manifest in the store `where`: what the ledger keeps of it."""

    where: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Flaw:
    """A line that does not fit. `line` counts from 1; `torn`: the last line, cut short as by a kill."""

    line: int
    why: str
    torn: bool = False


@dataclass(frozen=True)
class Chain:
    """A manifest read through: its lines that can be read, in order, and what does not fit.

    `mended` are the numbers of lines that a kill cut short and that the line after them tells of.
    """

    entries: tuple[Entry, ...]
    flaws: tuple[Flaw, ...]
    mended: tuple[int, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every line fits; a last line that a kill cut short is no break."""
        return all(flaw.torn for flaw in self.flaws)


def written(entry: Entry) -> bytes:
    """The line for an entry, its hash computed, without the line break."""
    body = msgspec.json.encode(msgspec.structs.replace(entry, hash=""), order="sorted")
    digest = hashlib.sha256(body).hexdigest().encode()
    return _OPENING + digest + b'",' + body[1:]


def parsed(line: bytes) -> Entry | None:
    """The entry of a line; None when the line is cut short, changed, or no line of a manifest."""
    if not line.startswith(_OPENING):
        return None
    body = b"{" + line[_BODY:]
    if hashlib.sha256(body).hexdigest().encode() != line[len(_OPENING) : _BODY - 2]:
        return None
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def following(lines: Iterable[bytes], torn: bytes, entry: Entry) -> bytes:
    """The line for `entry` after those `lines`, of which only the last ones need to be given.

    `torn` is what a kill left of a line after them: half of it, or all but its end.
    """
    last, whole = None, parsed(torn)
    for line in lines:
        last = parsed(line) or last
    last = whole or last
    return written(
        msgspec.structs.replace(
            entry,
            seq=last.seq + 1 if last else 1,
            previous=last.hash if last else GENESIS,
            mends=hashlib.sha256(torn).hexdigest() if torn and not whole else "",
        )
    )


def check(lines: Iterable[bytes]) -> Chain:
    """Reads a manifest through: lines with their line breaks, which a line that was cut short lacks."""
    entries: list[Entry] = []
    flaws: list[Flaw] = []
    mended: list[int] = []
    torn: tuple[int, bytes, bool] | None = None
    for number, ended in enumerate(lines, start=1):
        line = ended.rstrip(b"\n")
        entry = parsed(line)
        if torn is not None and entry is not None and entry.mends == hashlib.sha256(torn[1]).hexdigest():
            mended.append(torn[0])
        elif torn is not None:
            flaws.append(Flaw(torn[0], CHANGED))
        torn = (number, line, ended != line) if entry is None else None
        if entry is not None:
            flaws.extend(_misfit(number, entry, entries[-1] if entries else None))
            entries.append(entry)
    if torn is not None:
        flaws.append(Flaw(torn[0], CHANGED) if torn[2] else Flaw(torn[0], CUT_SHORT, torn=True))
    return Chain(tuple(entries), tuple(flaws), tuple(mended))


def _misfit(number: int, entry: Entry, before: Entry | None) -> Iterator[Flaw]:
    expected = (before.seq + 1, before.hash) if before else (1, GENESIS)
    if (entry.seq, entry.previous) != expected:
        yield Flaw(number, MISFIT)


#: Makes a line from the last whole lines and from what follows them without an end.
Follow = Callable[[Iterable[bytes], bytes], bytes]
