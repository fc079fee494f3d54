"""`s3incident evidence digests`: on a folder, and on a bucket over real HTTP."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.aws.digest_objects import S3TrailObjects
from bot.cli.main import app
from bot.evidence.digests.validate import validate
from tests.aws.account import ACCOUNT, Account, running
from tests.evidence.digests.trail import BUCKET, FINGERPRINT, Trail, der, private_key, public_keys


@pytest.fixture
def trail() -> Trail:
    made = Trail()
    made.hours(4)
    return made


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """As `aws cloudtrail list-public-keys` prints it."""
    value = base64.b64encode(der(private_key(0))).decode()
    listed = {"PublicKeyList": [{"Value": value, "ValidityStartTime": 1, "Fingerprint": FINGERPRINT}]}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(listed))
    return file


def digests(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evidence", "digests", *map(str, arguments)])


def test_a_folder_that_is_whole_is_proven(trail: Trail, key_file: Path, tmp_path: Path) -> None:
    result = digests(trail.copy_to(tmp_path / "copy"), "--public-keys", key_file)
    assert result.exit_code == 0
    assert "Proven complete and unchanged from 2026-11-23 00:00 to 2026-11-23 03:00 UTC" in result.stdout


def test_what_was_tampered_with_is_named_and_the_exit_code_says_so(
    trail: Trail, key_file: Path, tmp_path: Path
) -> None:
    gone = trail.logs[1]
    del trail.files[gone]
    folder = trail.copy_to(tmp_path / "copy")
    result = digests(folder, "--public-keys", key_file)
    assert result.exit_code == 1
    assert f"log missing: {gone}" in result.stdout
    told = json.loads(digests(folder, "--public-keys", key_file, "--json").stdout)
    assert (told["tampered"], told["problems"][-1]["kind"], told["spans"][0]["start"]) == (
        True,
        "log missing",
        "2026-11-23T01:00:00+00:00",
    )


def test_without_keys_it_says_that_nothing_is_proven(trail: Trail, tmp_path: Path) -> None:
    result = digests(trail.copy_to(tmp_path / "copy"))
    assert result.exit_code == 0
    assert "Nothing is proven" in result.stdout
    assert "public keys were not given" in result.stdout


def test_a_window_reads_only_its_digests(trail: Trail, key_file: Path, tmp_path: Path) -> None:
    trail.files.pop(trail.logs[0])
    folder = trail.copy_to(tmp_path / "copy")
    result = digests(
        folder, "--public-keys", key_file, "--from", "2026-11-23T01:30", "--to", "2026-11-23T02:00"
    )
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"PublicKeyList":[{"Value":"AA","Fingerprint":"x"}]}'])
def test_a_file_without_keys_is_a_sentence(trail: Trail, tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    result = digests(trail.copy_to(tmp_path / "copy"), "--public-keys", tmp_path / "keys.json")
    assert result.exit_code == 2
    assert "does not hold public keys" in result.stderr


def test_a_place_that_cannot_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "There is no folder" in digests(tmp_path / "nowhere").stderr
    assert "--account" in digests("s3://acme-trail-logs").stderr
    result = digests("s3://acme-trail-logs", "--account", "444455556666")
    assert (result.exit_code, "S3INCIDENT_ACCOUNTS" in result.stderr) == (2, True)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        made.client("s3").create_bucket(Bucket=BUCKET)
        yield made


def upload(account: Account, trail: Trail) -> None:
    """As CloudTrail writes them: a digest's signature is metadata of the object."""
    for key, content in trail.files.items():
        signature = trail.signatures.get(key)
        told = {"signature": signature, "signature-algorithm": "SHA256withRSA"} if signature else {}
        account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content, Metadata=told)


@pytest.mark.parametrize("prefix", ["", "AWSLogs/111122223333/"])
def test_a_bucket_is_proven_to_the_newest_hour(account: Account, trail: Trail, prefix: str) -> None:
    upload(account, trail)
    objects = S3TrailObjects(account.access.reader(ACCOUNT), f"s3://{BUCKET}/{prefix}")
    report = validate(objects, None, public_keys(0))
    assert (report.proven, report.validated, report.problems) == (4, 8, ())
    account.client("s3").delete_object(Bucket=BUCKET, Key=trail.logs[0])
    assert validate(objects, None, public_keys(0)).tampered


def test_a_name_that_is_no_text_can_be_printed(trail: Trail, key_file: Path, tmp_path: Path) -> None:
    folder = trail.copy_to(tmp_path / "copy")
    planted = f"{ACCOUNT}_CloudTrail_eu-central-1_20261123T0130Z_".encode() + b"\xff\x1b[2J.json.gz"
    Path(os.fsdecode(os.fsencode(folder) + b"/" + planted)).write_bytes(b"x")
    for more in ([], ["--json"]):
        result = digests(folder, "--public-keys", key_file, *more)
        assert result.exit_code == 0, result.exception
        assert "20261123T0130Z" in result.stdout
        assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    "window",
    [("--from", "2026-02-01", "--to", "2026-01-01"), ("--from", "0001-01-01"), ("--to", "9999-12-31")],
)
def test_a_window_without_digests_is_a_sentence(tmp_path: Path, window: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["evidence", "digests", str(tmp_path), *window])
    assert result.exit_code == 2
    assert "there can be no digests" in result.stderr
