"""The evidence store: files named by the hash of their content, compressed, never changed after they are
written.

Secrets are taken out before anything is stored (see redact); the hash is that of the stored content, so
that anybody can check it with `gzip -dc FILE | sha256sum`. Nobody but the bot's own user can read them.
"""

import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.evidence.redact import redact_bytes

_MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class Artefact:
    """One stored file: where it lies under the vault's root, SHA-256 and size of its uncompressed content.

    `kind` says what it is ("events", "investigation", "document"), `query` what produced it.
    """

    path: str
    sha256: str
    size: int
    kind: str
    query: str


@dataclass(frozen=True)
class Vault:
    """A folder of artefacts; equal content is stored once, and noted in the manifest each time."""

    root: Path

    def put(self, name: str, data: bytes, kind: str, query: str) -> Artefact:
        """Store a document. `name` is for people and goes into the manifest only."""
        return self._store(name, [redact_bytes(data)], kind, query)

    def put_file(self, name: str, source: Path, kind: str, query: str) -> Artefact:
        """Store a file of lines, however large, line by line (a record is one line)."""
        with source.open("rb") as lines:
            return self._store(name, map(redact_bytes, lines), kind, query)

    def read(self, artefact: Artefact) -> bytes:
        """The stored content; raises OSError when it is gone or damaged."""
        return gzip.decompress((self.root / artefact.path).read_bytes())

    def verify(self, artefact: Artefact) -> bool:
        """Whether the stored content still is what was stored: hash and size."""
        digest, size = hashlib.sha256(), 0
        try:
            with gzip.open(self.root / artefact.path) as stream:
                while part := stream.read(1 << 20):
                    digest.update(part)
                    size += len(part)
        except (OSError, EOFError):
            return False
        return (digest.hexdigest(), size) == (artefact.sha256, artefact.size)

    def artefacts(self) -> Iterator[tuple[str, Artefact]]:
        """(name, artefact) of all that was stored, in order."""
        manifest = self.root / _MANIFEST
        if not manifest.exists():
            return
        for line in manifest.read_text("utf-8").splitlines():
            entry = json.loads(line)
            yield entry["name"], Artefact(**{name: entry[name] for name in Artefact.__dataclass_fields__})

    def _store(self, name: str, parts: Iterable[bytes], kind: str, query: str) -> Artefact:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, unfinished = tempfile.mkstemp(dir=self.root, suffix=".part")
        # No file name and no time in the header: equal content makes equal files.
        with os.fdopen(handle, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
            for part in parts:
                stream.write(part)
                digest.update(part)
                size += len(part)
        sha256 = digest.hexdigest()
        path = Path(sha256[:2]) / f"{sha256}.gz"
        (self.root / path.parent).mkdir(mode=0o700, exist_ok=True)
        Path(unfinished).replace(self.root / path)
        artefact = Artefact(path.as_posix(), sha256, size, kind, query)
        self._note(name, artefact)
        return artefact

    def _note(self, name: str, artefact: Artefact) -> None:
        line = {"name": name, "stored_at": datetime.now(UTC).isoformat(), **asdict(artefact)}
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(self.root / _MANIFEST, flags, 0o600), "a", encoding="utf-8") as manifest:
            manifest.write(json.dumps(line) + "\n")
