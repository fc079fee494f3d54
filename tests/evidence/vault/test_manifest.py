"""The manifest as a chain: what happens to it shows, and a kill does not break it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.vault.manifest import CHANGED, CUT_SHORT, MISFIT, check
from bot.evidence.vault.stores import MANIFEST, Disk
from bot.evidence.vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "vault")
    for number in range(5):
        made.put(f"file {number}", b"x" * number, "document", f'{{"n": {number}}}')
    return made


def lines(vault: Vault) -> list[bytes]:
    return (vault.root / MANIFEST).read_bytes().splitlines()


def rewrite(vault: Vault, changed: list[bytes]) -> None:
    (vault.root / MANIFEST).write_bytes(b"".join(line + b"\n" for line in changed))


def test_a_manifest_that_nobody_touched_is_intact(vault: Vault) -> None:
    chain = vault.chain()
    assert (chain.intact, chain.flaws, chain.mended) == (True, (), ())
    assert [entry.seq for entry in chain.entries] == [1, 2, 3, 4, 5]


def test_the_hash_can_be_checked_by_hand(vault: Vault) -> None:
    for line in lines(vault):
        own = json.loads(line)["hash"]
        assert hashlib.sha256(line.replace(f'"hash":"{own}",'.encode(), b"")).hexdigest() == own


def test_a_changed_line_is_named(vault: Vault) -> None:
    changed = lines(vault)
    changed[2] = changed[2].replace(b"file 2", b"file 9")
    rewrite(vault, changed)
    first = vault.chain().flaws[0]
    assert (first.line, first.why) == (3, CHANGED)
    assert not vault.chain().intact


def test_a_line_changed_with_its_hash_breaks_the_next(vault: Vault) -> None:
    changed = lines(vault)
    forged = json.loads(changed[2].replace(b"file 2", b"file 9"))
    del forged["hash"]
    body = json.dumps(forged, separators=(",", ":")).encode()
    changed[2] = b'{"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'",' + body[1:]
    rewrite(vault, changed)
    assert [(flaw.line, flaw.why) for flaw in vault.chain().flaws] == [(4, MISFIT)]


def test_the_last_line_changed_is_no_kill(vault: Vault) -> None:
    changed = lines(vault)
    changed[-1] = changed[-1].replace(b"file 4", b"file 9")
    rewrite(vault, changed)
    assert [(flaw.line, flaw.why) for flaw in vault.chain().flaws] == [(5, CHANGED)]
    assert not vault.chain().intact


def test_a_removed_line_is_named(vault: Vault) -> None:
    rewrite(vault, lines(vault)[:2] + lines(vault)[3:])
    assert [(flaw.line, flaw.why) for flaw in vault.chain().flaws] == [(3, MISFIT)]


def test_lines_that_changed_places_are_named(vault: Vault) -> None:
    one, two, three, four, five = lines(vault)
    rewrite(vault, [one, three, two, four, five])
    assert not vault.chain().intact
    assert vault.chain().flaws[0].line == 2


@given(data=st.data())
def test_any_single_change_of_a_byte_shows(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    whole = _whole(tmp_path_factory)
    at = data.draw(st.integers(0, len(whole) - 2))
    new = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    changed = bytearray(whole)
    changed[at] = new
    assert not check(io.BytesIO(changed)).intact


_WHOLE: list[bytes] = []


def _whole(factory: pytest.TempPathFactory) -> bytes:
    if not _WHOLE:
        vault = Vault(factory.mktemp("whole"))
        for number in range(3):
            vault.put(f"file {number}", b"x", "document", "q")
        _WHOLE.append((vault.root / MANIFEST).read_bytes())
    return _WHOLE[0]


@pytest.mark.parametrize("left", [1, 40, 200])
def test_a_last_line_cut_short_by_a_kill_is_told_and_mended_by_the_next(vault: Vault, left: int) -> None:
    content = (vault.root / MANIFEST).read_bytes()
    half = lines(vault)[-1][:left]
    (vault.root / MANIFEST).write_bytes(content + half)
    torn = vault.chain()
    assert torn.intact
    assert [(flaw.line, flaw.why, flaw.torn) for flaw in torn.flaws] == [(6, CUT_SHORT, True)]

    vault.put("after", b"y", "document", "q")
    mended = vault.chain()
    assert (mended.intact, mended.mended, mended.flaws) == (True, (6,), ())
    assert mended.entries[-1].mends == hashlib.sha256(half).hexdigest()
    assert lines(vault)[5] == half


def test_a_whole_line_that_only_lacks_its_end_counts(vault: Vault) -> None:
    path = vault.root / MANIFEST
    path.write_bytes(path.read_bytes()[:-1])
    vault.put("after", b"y", "document", "q")
    assert (vault.chain().intact, len(vault.chain().entries), vault.chain().mended) == (True, 6, ())


def test_a_mended_line_cannot_be_changed_afterwards(vault: Vault) -> None:
    path = vault.root / MANIFEST
    path.write_bytes(path.read_bytes() + b'{"hash":"half')
    vault.put("after", b"y", "document", "q")
    path.write_bytes(path.read_bytes().replace(b'"half', b'"calf'))
    assert not vault.chain().intact


def test_a_changed_line_is_not_taken_for_one_cut_short(vault: Vault) -> None:
    changed = lines(vault)
    changed[-1] = changed[-1].replace(b"file 4", b"file 9")
    rewrite(vault, changed)
    vault.put("after", b"y", "document", "q")
    chain = vault.chain()
    assert not chain.intact
    assert [(flaw.line, flaw.why) for flaw in chain.flaws] == [(5, CHANGED)]


def test_long_lines_are_followed_too(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    for _ in range(4):
        vault.put("a", b"x", "document", "q" * 100_000)
    assert vault.chain().intact
    assert len(vault.chain().entries) == 4


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    vault = Vault(tmp_path)

    def write(name: str) -> None:
        for _ in range(10):
            vault.put(name, name.encode(), "document", "q")

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vault.chain().intact
    assert len(vault.chain().entries) == 40


def test_a_process_killed_while_it_writes_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from bot.evidence.vault.vault import Vault\n"
        "vault = Vault(Path(sys.argv[1]))\n"
        "number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    vault.put(f'file {number}', str(number).encode() * 1000, 'document', 'q' * 5000)\n"
        "    print(number, flush=True)\n"
    )
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(5)]
        child.kill()
        child.wait()
        child.stdout.close()
        assert told[-1].strip() == b"5"
    vault = Vault(tmp_path)
    before = len(vault.chain().entries)
    assert before >= 15
    artefact = vault.put("after", b"y", "document", "q")
    assert vault.chain().intact
    assert vault.verify(artefact)


def test_it_is_durable_before_the_call_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    artefact = Vault(tmp_path).put("a", b"x", "document", "q")
    assert any(name.endswith(".part") for name in flushed)
    assert flushed.index(str((tmp_path / artefact.path).parent)) < flushed.index(str(tmp_path / MANIFEST))
    assert Disk(tmp_path).where == str(tmp_path)
