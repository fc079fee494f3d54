"""Who takes what out of the vault: sealed originals have one door, and few may use it."""

from __future__ import annotations

import ast
from pathlib import Path

BOT = Path(__file__).parents[3] / "bot"

#: Who may take originals, and what for.
ALLOWED = {
    "evidence/vault/vault.py": "read and its hash check",
    "cli/evidence_export.py": "the export that is asked for by name",
}


def uses(path: Path, name: str) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(tree))


def test_only_the_hash_check_and_the_export_take_the_originals() -> None:
    takers = {str(path.relative_to(BOT)) for path in BOT.rglob("*.py") if uses(path, "as_received")}
    assert takers == set(ALLOWED)


def test_what_shows_evidence_takes_the_copies() -> None:
    readers = {str(path.relative_to(BOT)) for path in BOT.rglob("*.py") if uses(path, "read")}
    assert {"slack/files.py", "reports/chronology.py"} <= readers
    # No other way to the files than the vault: nobody unpacks them himself.
    for folder in ("slack", "reports", "cli"):
        assert [path for path in (BOT / folder).rglob("*.py") if imports(path, "gzip")] == []


def imports(path: Path, name: str) -> bool:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return any(one.name == name for node in nodes if isinstance(node, ast.Import) for one in node.names)
