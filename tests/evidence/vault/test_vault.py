from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evidence.redact import MARK
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.stores import Disk
from bot.evidence.vault.vault import Vault

SECRET = b'{"eventName":"AssumeRole","responseElements":{"credentials":{"sessionToken":"IQoJb3JpZ2lu"}}}'


def sealed(vault: Vault, folder: Path, content: bytes, name: str = "events.json"):
    source = folder / "as-received"
    source.write_bytes(content)
    return vault.seal(name, source, "events", "q")


def test_what_is_put_is_read_again_and_verified(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    artefact = vault.put("inc-0001 events", b'{"eventName":"GetObject"}\n', "events", "bucket=acme-payroll")
    assert vault.read(artefact) == b'{"eventName":"GetObject"}\n'
    assert vault.verify(artefact)
    assert artefact.sha256 == hashlib.sha256(b'{"eventName":"GetObject"}\n').hexdigest()
    assert (artefact.size, artefact.kind, artefact.query) == (26, "events", "bucket=acme-payroll")


def test_what_was_received_is_sealed_byte_for_byte_and_shown_without_its_secrets(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    received = SECRET + b"\n\xff\xfe not text \r\n" * 100_000
    artefact = sealed(vault, tmp_path, received)
    assert vault.as_received(artefact) == received
    assert artefact.sha256 == hashlib.sha256(received).hexdigest()
    shown = vault.read(artefact)
    assert b"IQoJb3JpZ2lu" not in shown
    assert shown == received.replace(b"IQoJb3JpZ2lu", MARK.encode())


def test_what_the_bot_writes_itself_is_stored_without_secrets(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    artefact = vault.put("x", SECRET, "investigation", "q")
    assert b"IQoJb3JpZ2lu" not in vault.as_received(artefact)
    assert b"IQoJb3JpZ2lu" not in gzip.decompress((tmp_path / artefact.path).read_bytes())


def test_anybody_can_check_a_file_with_the_tools_of_the_house(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    artefact = sealed(vault, tmp_path, SECRET)
    command = f"gzip -dc '{vault.root / artefact.path}' | sha256sum"
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == artefact.sha256


def test_equal_content_is_stored_once_and_noted_twice(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    first, second = vault.put("a", b"x", "document", "1"), vault.put("b", b"x", "document", "2")
    assert first.path == second.path
    assert [(one.name, one.custody.query) for one in vault.entries()] == [("a", "1"), ("b", "2")]
    assert len(list(tmp_path.rglob("*.gz"))) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_damage_is_noticed(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    artefact = vault.put("a", b"the truth", "document", "q")
    path = tmp_path / artefact.path
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for content in (gzip.compress(b"another truth"), b"not gzip", whole[:-9], bytes(flipped), b""):
        path.write_bytes(content)
        assert not vault.verify(artefact)
        with pytest.raises(OSError, match=r"SHA-256 differs|damaged"):
            vault.read(artefact)
    path.unlink()
    assert not vault.verify(artefact)
    with pytest.raises(FileNotFoundError):
        vault.read(artefact)
    assert not vault.verify(replace(vault.put("a", b"x", "d", "q"), size=2))


def test_an_empty_vault_has_nothing(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "none")
    assert list(vault.entries()) == []
    assert vault.head() is None


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    vault.put("a", b"the truth", "document", "q")
    sealed(vault, tmp_path, SECRET)
    modes = {path.stat().st_mode & 0o777 for path in vault.root.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def test_the_manifest_says_who_asked_what_of_which_source(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    custody = Custody(incident="inc-0007", run=3, asked_by="U0DANA", query="{}", records=1)
    vault.put("a", b"x", "document", "q", custody)
    (entry,) = vault.entries()
    assert entry.custody == custody
    assert entry.reader.startswith("s3incident ")
    assert entry.at.endswith("+00:00")


def test_a_failure_leaves_no_half_file_and_no_line(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", (Unwilling(tmp_path / "there"),))
    with pytest.raises(OSError, match="no room"):
        vault.put("a", b"the truth", "document", "q")
    assert list(vault.entries()) == []
    assert [path for path in vault.root.rglob("*") if path.is_file()] == []


class Unwilling(Disk):
    def put(self, path: str, packed: Path) -> None:
        raise OSError("no room")


def test_what_a_killed_process_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    for name, age in (("old.part", 25), ("new.part", 1)):
        (tmp_path / name).write_bytes(b"half")
        moment = time.time() - age * 3600
        os.utime(tmp_path / name, (moment, moment))
    vault.put("a", b"x", "document", "q")
    assert [path.name for path in tmp_path.glob("*.part")] == ["new.part"]
