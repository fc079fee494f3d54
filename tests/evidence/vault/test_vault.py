import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

from bot.evidence.vault.vault import Vault


def test_what_is_put_is_read_again_and_verified(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    artefact = vault.put("inc-0001 events", b'{"eventName":"GetObject"}\n', "events", "bucket=acme-payroll")
    assert vault.read(artefact) == b'{"eventName":"GetObject"}\n'
    assert vault.verify(artefact)
    assert artefact.sha256 == hashlib.sha256(b'{"eventName":"GetObject"}\n').hexdigest()
    assert (artefact.size, artefact.kind, artefact.query) == (26, "events", "bucket=acme-payroll")


def test_secrets_are_taken_out_before_storing(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    artefact = vault.put("x", b'{"sessionToken":"IQoJb3JpZ2lu"}', "events", "q")
    assert vault.read(artefact) == b'{"sessionToken":"[redacted]"}'
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"IQoJb3JpZ2lu" not in everything


def test_a_file_of_lines_is_stored_like_its_content(tmp_path: Path) -> None:
    lines = b"".join(b'{"n":%d,"sessionToken":"SECRET"}\n' % number for number in range(2000))
    source = tmp_path / "events.jsonl"
    source.write_bytes(lines)
    vault = Vault(tmp_path / "vault")
    from_file, from_memory = vault.put_file("a", source, "events", "q"), vault.put("b", lines, "events", "q")
    assert from_file == from_memory
    assert b"SECRET" not in vault.read(from_file)


def test_equal_content_is_stored_once_and_noted_twice(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    first, second = vault.put("a", b"x", "document", "1"), vault.put("b", b"x", "document", "2")
    assert first.path == second.path
    assert [(name, one.query) for name, one in vault.artefacts()] == [("a", "1"), ("b", "2")]
    assert len(list(tmp_path.rglob("*.gz"))) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_damage_is_noticed(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    artefact = vault.put("a", b"the truth", "document", "q")
    path = tmp_path / artefact.path
    path.write_bytes(gzip.compress(b"another truth"))
    assert not vault.verify(artefact)
    path.write_bytes(b"not gzip")
    assert not vault.verify(artefact)
    path.unlink()
    assert not vault.verify(artefact)
    assert not vault.verify(replace(vault.put("a", b"x", "d", "q"), size=2))


def test_an_empty_vault_has_nothing(tmp_path: Path) -> None:
    assert list(Vault(tmp_path / "none").artefacts()) == []


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    vault.put("a", b"the truth", "document", "q")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "vault").rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})
