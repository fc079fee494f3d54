"""`s3incident evidence`: a whole incident's evidence, and everything that can be done to it."""

from __future__ import annotations

import gzip
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.evidence.events import event_from
from bot.evidence.questions import Question
from bot.evidence.sources.base import Part
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.stores import MANIFEST
from bot.evidence.vault.vault import Vault
from bot.incidents.custody import stored
from bot.incidents.custody_sentences import REWRITTEN
from bot.incidents.findings import Kept, keep_events, publish
from bot.incidents.opening import Opened, OpenRequest, open_incident
from bot.incidents.vaults import vault_of
from bot.store import evidence
from bot.store.database import Database
from bot.store.tables.evidence import Artefact
from tests.aws.account import EVIDENCE_ROLE, policy_text, running
from tests.evidence.records import ACCOUNT, BUCKET, leaked_key
from tests.evidence.story import ask
from tests.store.tampering import tamper

SECRET = "IQoJb3JpZ2luX2VjEXAMPLE"


@dataclass
class House:
    """A database and a vault, as the bot left them."""

    database: Database
    vault: Vault
    folder: Path

    def rows(self, kind: str = "") -> list[Artefact]:
        with self.database.read() as tx:
            return [row for row in evidence.artefacts(tx, 1) if kind in ("", row.kind)]

    def sql(self, statement: str) -> None:
        with self.database.begin() as tx:
            tx.execute(text(statement))

    def file(self, kind: str) -> Path:
        return self.vault.root / self.rows(kind)[0].path


@pytest.fixture
def house(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 's3incident.db'}")
    monkeypatch.setenv("S3INCIDENT_VAULT_DIR", str(tmp_path / "vault"))
    made = House(sqlite, Vault(tmp_path / "vault"), tmp_path)
    with sqlite.begin() as tx:
        opened = open_incident(tx, OpenRequest(BUCKET, ACCOUNT, "us-east-1", 1, "", "U0DANA"))
        assert isinstance(opened, Opened)
    investigate(made)
    return made


def investigate(house: House) -> None:
    """As evidence.collect does."""
    log = leaked_key()
    log.records[0] = log.records[0] | {"responseElements": {"credentials": {"sessionToken": SECRET}}}
    with house.database.begin() as tx:
        run = evidence.start_run(tx, 1, None, {}).id
    events = house.folder / f"events-{run}"
    with keep_events(events) as keep:
        for record in log.records:
            keep(event_from(record, json.dumps(record).encode()))
    found = ask(log)
    question = Question(bucket=BUCKET, account_id=ACCOUNT)
    parts = [Part("a.json.gz 1")]
    kept = Kept.of(house.vault, "inc-0001", found, events, question, Custody(run=run), parts)
    with house.database.begin() as tx:
        publish(tx, 1, None, run, found, kept)


def s3incident(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evidence", *arguments])


def broken(*arguments: str) -> list[tuple[str, str]]:
    """(what, why) of everything broken; asserts that the exit code says so too."""
    result = s3incident("verify", "inc-0001", "--json", *arguments)
    told = json.loads(result.stdout)
    assert (result.exit_code == 1) == bool(told["broken"]) == (not told["whole"]), result.output
    return [(one["what"], one["why"]) for one in told["broken"]]


def test_whole_evidence_is_called_whole(house: House) -> None:
    result = s3incident("verify", "inc-0001")
    assert result.exit_code == 0
    assert f"is whole: 3 files hashed again in {house.vault.root}" in result.stdout
    assert broken() == []


@pytest.mark.parametrize("kind", ["events", "investigation", "parts"])
def test_a_changed_file_is_named_first(house: House, kind: str) -> None:
    house.file(kind).write_bytes(gzip.compress(b"another truth", mtime=0))
    result = s3incident("verify", "1")
    assert result.exit_code == 1
    name = house.rows(kind)[0].name
    assert f"First: {name} in {house.vault.root}: its content was changed" in result.stdout
    assert broken() == [(name, "its content was changed: the SHA-256 differs")]


def test_all_that_is_broken_is_named(house: House) -> None:
    house.file("events").unlink()
    house.file("investigation").write_bytes(b"no gzip")
    assert [what for what, _ in broken()] == [row.name for row in house.rows() if row.kind != "parts"]


def test_a_row_that_was_pointed_at_another_file_is_noticed(house: House) -> None:
    other = house.vault.put("x", b"nobody was here", "investigation", "q")
    house.sql(
        f"UPDATE artefacts SET sha256 = '{other.sha256}', path = '{other.path}', size = {other.size} "
        "WHERE kind = 'investigation'"
    )
    named = dict(broken())
    assert any("ledger entry" in why for why in named.values())
    assert "the manifest does not tell of it" in named[house.rows("investigation")[0].name]


def test_a_row_that_was_removed_is_noticed(house: House) -> None:
    sha256 = house.rows("events")[0].sha256
    house.sql("DELETE FROM artefacts WHERE kind = 'events'")
    assert [what for what, _ in broken()] == [f"file {sha256[:12]}…"]


def test_a_manifest_line_that_was_changed_removed_or_cut_off_is_noticed(house: House) -> None:
    path = house.vault.root / MANIFEST
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(whole.replace(b'"kind":"events"', b'"kind":"eventz"'))
    assert "manifest line 2" in dict(broken())
    path.write_bytes(lines[0] + lines[2])
    assert "manifest line 2" in dict(broken())
    path.write_bytes(b"".join(lines[:-1]))
    assert "manifest line 3" in dict(broken())
    path.unlink()
    assert len(broken()) == 4
    path.write_bytes(whole)
    assert broken() == []


def test_a_manifest_written_anew_as_a_whole_is_noticed(house: House) -> None:
    """Whoever has the vault alone can make a chain that fits; the ledger has another hash."""
    rows = house.rows()
    contents = [(row, house.vault.as_received(stored(row))) for row in rows]
    (house.vault.root / MANIFEST).unlink()
    for row, content in contents:
        source = house.folder / "content"
        source.write_bytes(content)
        forged = Custody(incident="inc-0001", asked_by="nobody")
        house.vault.seal(row.name, source, row.kind, "q", forged)
    assert house.vault.chain().intact
    assert broken() == [("manifest line 3", REWRITTEN.format(seq=2))]


def test_a_ledger_that_was_changed_is_noticed(house: House) -> None:
    tamper(house.database, "UPDATE ledger SET actor = 'U2' WHERE seq = 1")
    assert broken()[0][0] == "ledger entry 1"


def test_what_a_killed_run_left_is_a_note_and_no_break(house: House) -> None:
    path = house.vault.root / MANIFEST
    house.vault.put("left.json", b"{}", "investigation", "q", Custody(incident="inc-0001"))
    path.write_bytes(path.read_bytes() + b'{"hash":"half')
    result = s3incident("verify", "1")
    assert result.exit_code == 0
    assert "left.json (manifest line 4" in result.stdout
    assert "is cut short, as a kill leaves it" in result.stdout
    house.vault.put("after", b"x", "document", "q")
    assert "the line after it says so" in s3incident("verify", "1").stdout


def test_the_list_names_every_file(house: House) -> None:
    investigate(house)
    told = s3incident("list", "inc-1").stdout
    assert told.startswith("inc-0001: 6 files.")
    rows = json.loads(s3incident("list", "1", "--json").stdout)
    assert [(row["kind"], row["run"]) for row in rows] == [
        ("investigation", 1),
        ("events", 1),
        ("parts", 1),
        ("investigation", 2),
        ("events", 2),
        ("parts", 2),
    ]
    assert all(row["sha256"] in told for row in rows)


@pytest.mark.parametrize("way", [[], ["--redacted"], ["--as-received"]], ids=" ".join)
def test_an_export_is_checked_by_sha256sum(house: House, way: list[str]) -> None:
    investigate(house)
    folder = house.folder / "handed over"
    result = s3incident("export", "inc-0001", str(folder), *way)
    assert result.exit_code == 0, result.output
    command = ["sha256sum", "-c", "SHA256SUMS"]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert len(checked.splitlines()) == 7
    assert all(line.endswith(": OK") for line in checked.splitlines())
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert (SECRET.encode() in everything) == (way == ["--as-received"])
    if way == ["--as-received"]:
        for row in house.rows():
            assert row.sha256 in (folder / "SHA256SUMS").read_text()
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_what_is_broken_is_left_out_of_an_export_and_said(house: House) -> None:
    house.file("events").write_bytes(b"no gzip")
    result = s3incident("export", "1", str(house.folder / "out"))
    assert result.exit_code == 1
    assert f"Left out: {house.rows('events')[0].name}" in result.stderr
    assert (house.folder / "out" / "run-1" / house.rows("investigation")[0].name).is_file()


def test_two_files_of_one_name_are_both_exported(house: House) -> None:
    house.sql("UPDATE artefacts SET name = '../../same name'")
    folder = house.folder / "out"
    assert s3incident("export", "1", str(folder)).exit_code == 0
    written = sorted(path.name for path in (folder / "run-1").iterdir())
    assert written == [".._.._same_name", "2-.._.._same_name", "3-.._.._same_name"]
    assert not (house.folder.parent / "same name").exists()


def test_an_export_never_mixes_with_what_is_there(house: House) -> None:
    (house.folder / "out").mkdir()
    (house.folder / "out" / "mine.txt").write_text("x")
    result = s3incident("export", "1", str(house.folder / "out"))
    assert result.exit_code == 2
    assert "not empty" in result.stderr


@pytest.mark.parametrize("command", [["list"], ["verify"], ["export"]])
def test_an_incident_that_is_none_is_a_sentence(house: House, command: list[str]) -> None:
    more = [str(house.folder / "out")] if command == ["export"] else []
    unknown = s3incident(*command, "inc-0099", *more)
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "There is no incident inc-0099. `/s3incident list` shows those that are open.\n",
    )
    assert "is not an incident" in s3incident(*command, "acme", *more).stderr


def test_a_copy_in_a_bucket_needs_an_account_of_the_settings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3INCIDENT_VAULT_URL", "s3://acme-vault")
    result = s3incident("verify", "1")
    assert result.exit_code == 2
    assert "S3INCIDENT_ACCOUNTS" in result.stderr


def test_the_copy_in_a_bucket_is_checked_too(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as account:
        s3 = account.client("s3")
        s3.create_bucket(Bucket="acme-vault")
        account.client("iam").put_role_policy(
            RoleName=EVIDENCE_ROLE.rsplit("/", 1)[-1],
            PolicyName="vault",
            PolicyDocument=policy_text("s3:PutObject"),
        )
        settings = account.settings.model_copy(
            update={"vault_dir": house.vault.root, "vault_url": "s3://acme-vault/evidence"}
        )
        monkeypatch.setenv("S3INCIDENT_VAULT_URL", "s3://acme-vault/evidence")
        told = [one.model_dump(mode="json") for one in settings.accounts]
        monkeypatch.setenv("S3INCIDENT_ACCOUNTS", json.dumps(told))
        before = s3incident("verify", "1")
        assert before.exit_code == 0
        assert before.stdout.count("was kept before there was a copy in s3://acme-vault/evidence") == 3

        house.vault = vault_of(settings, account.access)
        investigate(house)
        result = s3incident("verify", "1")
        assert result.exit_code == 0, result.output
        assert f"6 files hashed again in {house.vault.root} and s3://acme-vault/evidence" in result.stdout

        events = house.rows("events")[1]
        s3.put_object(Bucket="acme-vault", Key=f"evidence/{events.path}", Body=b"no gzip")
        # Two runs kept the same content: it lies there once.
        assert [what for what, _ in broken()] == [events.name, events.name]
        newest = s3.list_objects_v2(Bucket="acme-vault", Prefix="evidence/manifest/")["Contents"][-1]["Key"]
        s3.delete_object(Bucket="acme-vault", Key=newest)
        assert "manifest line 3" in dict(broken())
