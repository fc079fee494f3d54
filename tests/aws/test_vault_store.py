"""The vault's copy in S3, over real HTTP: written once, locked, a chain of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.aws.access import AwsAccess
from bot.aws.vault_store import S3Vault, VaultBucketError
from bot.config import SettingsError
from bot.evidence.vault.manifest import check
from bot.evidence.vault.stores import Store
from bot.evidence.vault.vault import Vault, damage
from bot.incidents.vaults import checkup, vault_of
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, Account, policy_text, running

PLAIN, LOCKED = "acme-vault", "acme-locked-vault"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        s3 = made.client("s3")
        s3.create_bucket(Bucket=PLAIN)
        s3.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
        made.client("iam").put_role_policy(
            RoleName=EVIDENCE_ROLE.rsplit("/", 1)[-1],
            PolicyName="vault",
            PolicyDocument=policy_text(["s3:PutObject", "s3:PutObjectRetention"]),
        )
        yield made


def copy_in(account: Account, bucket: str, prefix: str, days: int | None = None) -> S3Vault:
    return S3Vault(account.access.reader(ACCOUNT), f"s3://{bucket}/{prefix}", days)


def keys(account: Account, bucket: str, prefix: str) -> list[str]:
    found = account.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", [])]


def test_everything_is_in_the_copy_too(account: Account, tmp_path: Path) -> None:
    copy: Store = copy_in(account, PLAIN, "one/")
    vault = Vault(tmp_path / "vault", (copy,))
    first = vault.put("a", b"the truth", "document", "q")
    vault.put("b", b"more of it", "document", "q")
    assert keys(account, PLAIN, "one/") == sorted(
        [f"one/{entry.path}" for entry in vault.entries()]
        + ["one/manifest/000000001.json", "one/manifest/000000002.json"]
    )
    assert vault.verify(first)
    chain = check(copy.lines())
    assert (chain.intact, [entry.name for entry in chain.entries]) == (True, ["a", "b"])


def test_it_stands_in_for_what_this_machine_lost(account: Account, tmp_path: Path) -> None:
    copy = copy_in(account, PLAIN, "two")
    vault = Vault(tmp_path / "vault", (copy,))
    artefact = vault.put("a", b"the truth", "document", "q")
    (vault.root / artefact.path).unlink()
    assert vault.read(artefact) == b"the truth"
    assert not vault.verify(artefact)
    elsewhere = Vault(tmp_path / "another machine", (copy_in(account, PLAIN, "two"),))
    assert elsewhere.read(artefact) == b"the truth"


def test_what_was_changed_in_the_bucket_is_noticed(account: Account, tmp_path: Path) -> None:
    copy = copy_in(account, PLAIN, "three")
    vault = Vault(tmp_path / "vault", (copy,))
    artefact = vault.put("a", b"the truth", "document", "q")
    s3 = account.client("s3")
    s3.put_object(Bucket=PLAIN, Key=f"three/{artefact.path}", Body=b"no gzip")
    assert "damaged" in str(damage(copy, artefact))
    assert vault.read(artefact) == b"the truth"
    line = s3.get_object(Bucket=PLAIN, Key="three/manifest/000000001.json")["Body"].read()
    s3.put_object(
        Bucket=PLAIN, Key="three/manifest/000000001.json", Body=line.replace(b'"name":"a"', b'"name":"b"')
    )
    assert not check(copy.lines()).intact
    s3.delete_object(Bucket=PLAIN, Key=f"three/{artefact.path}")
    assert damage(copy, artefact) == "it is gone"


def test_what_is_there_is_never_written_over(account: Account, tmp_path: Path) -> None:
    copy = copy_in(account, PLAIN, "four")
    vault = Vault(tmp_path / "vault", (copy,))
    artefact = vault.put("a", b"the truth", "document", "q")
    s3 = account.client("s3")
    before = s3.head_object(Bucket=PLAIN, Key=f"four/{artefact.path}")["LastModified"]
    assert vault.put("again", b"the truth", "document", "q") == artefact
    assert s3.head_object(Bucket=PLAIN, Key=f"four/{artefact.path}")["LastModified"] == before
    assert len(list(copy.lines())) == 2


def test_processes_that_write_at_once_make_one_chain(account: Account, tmp_path: Path) -> None:
    def write(name: str) -> None:
        vault = Vault(tmp_path / name, (copy_in(account, PLAIN, "five"),))
        for number in range(4):
            vault.put(f"{name} {number}", name.encode(), "document", "q")

    threads = [threading.Thread(target=write, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain = check(copy_in(account, PLAIN, "five").lines())
    assert (chain.intact, len(chain.entries)) == (True, 12)


def retention(account: Account, key: str) -> tuple[str | None, datetime | None]:
    head = account.client("s3").head_object(Bucket=LOCKED, Key=key)
    return head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")


def test_objects_are_locked_where_the_bucket_has_object_lock(account: Account, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", (copy_in(account, LOCKED, "lock", 30),))
    artefact = vault.put("a", b"the truth", "document", "q")
    for key in (f"lock/{artefact.path}", "lock/manifest/000000001.json"):
        mode, until = retention(account, key)
        assert mode == "GOVERNANCE"
        assert until is not None
        assert abs(until - (datetime.now(UTC) + timedelta(days=30))) < timedelta(minutes=5)


def test_the_mode_is_that_of_the_buckets_own_rule(account: Account, tmp_path: Path) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="acme-compliance-vault", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket="acme-compliance-vault",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    vault = Vault(tmp_path / "vault", (copy_in(account, "acme-compliance-vault", "", 2),))
    artefact = vault.put("a", b"the truth", "document", "q")
    head = s3.head_object(Bucket="acme-compliance-vault", Key=artefact.path)
    assert head["ObjectLockMode"] == "COMPLIANCE"


def test_without_object_lock_retention_is_not_asked_for(account: Account, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", (copy_in(account, PLAIN, "unlocked", 30),))
    artefact = vault.put("a", b"the truth", "document", "q")
    head = account.client("s3").head_object(Bucket=PLAIN, Key=f"unlocked/{artefact.path}")
    assert "ObjectLockMode" not in head


def test_a_bucket_of_somebody_else_is_refused(account: Account, tmp_path: Path) -> None:
    copy = S3Vault(account.access.reader(ACCOUNT), "s3://acme-no-such-vault/x")
    with pytest.raises(VaultBucketError, match="did not take"):
        Vault(tmp_path / "vault", (copy,)).put("a", b"x", "document", "q")
    with pytest.raises(OSError, match="did not list"):
        list(copy.lines())
    with pytest.raises(ValueError, match="not of the form"):
        S3Vault(account.access.reader(ACCOUNT), "https://acme-vault")


def test_the_settings_say_where_the_copy_goes(account: Account, tmp_path: Path) -> None:
    told = {"vault_dir": tmp_path, "vault_url": f"s3://{PLAIN}/six"}
    vault = vault_of(account.settings.model_copy(update=told), account.access)
    assert [store.where for store in vault.stores] == [str(tmp_path), f"s3://{PLAIN}/six"]
    alone = vault_of(account.settings.model_copy(update=told | {"dry_run": True}), account.access)
    assert len(alone.stores) == 1
    with pytest.raises(SettingsError, match="444455556666"):
        vault_of(
            account.settings.model_copy(update=told | {"vault_account": "444455556666"}),
            AwsAccess(account.settings),
        )


def looked_at(account: Account, url: str | None, **told: object) -> list[tuple[str, str]]:
    settings = account.settings.model_copy(update={"vault_url": url, **told})
    return [(line.state, f"{line.found} {line.todo}") for line in checkup(settings, account.access)]


class TestTheCheckUp:
    def test_a_vault_that_takes_gives_and_locks_is_well(self, account: Account) -> None:
        url = f"s3://{LOCKED}/looked-at"
        for _ in range(2):
            ((state, said),) = looked_at(account, url, vault_retention_days=30)
            assert (state, said) == ("well", "takes and gives files, locked for 30 days in governance mode ")
        assert keys(account, LOCKED, "looked-at") == ["looked-at/checkup.txt"]
        assert retention(account, "looked-at/checkup.txt")[0] == "GOVERNANCE"

    def test_the_buckets_own_rule_locks_too(self, account: Account) -> None:
        s3 = account.client("s3")
        s3.create_bucket(Bucket="acme-ruled-vault", ObjectLockEnabledForBucket=True)
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 2}}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        s3.put_object_lock_configuration(Bucket="acme-ruled-vault", ObjectLockConfiguration=lock)
        ((state, said),) = looked_at(account, "s3://acme-ruled-vault/")
        assert state == "well"
        assert "2 years in governance mode, by the bucket's own rule" in said

    @pytest.mark.parametrize(("bucket", "days"), [(PLAIN, None), (PLAIN, 30), (LOCKED, None)])
    def test_what_nothing_locks_is_said(self, account: Account, bucket: str, days: int | None) -> None:
        ((state, said),) = looked_at(account, f"s3://{bucket}/open", vault_retention_days=days)
        assert state == "worry"
        assert "who may delete can" in said

    @pytest.mark.parametrize("account_id", [None, "444455556666"])
    def test_a_vault_that_cannot_be_used_is_ill(self, account: Account, account_id: str | None) -> None:
        ((state, said),) = looked_at(account, "s3://acme-no-such-vault/x", vault_account=account_id)
        assert state == "ill"
        assert "s3:PutObject, s3:GetObject and s3:ListBucket" in said

    def test_what_is_not_used_is_not_tried(self, account: Account) -> None:
        assert looked_at(account, None) == []
        ((state, said),) = looked_at(account, f"s3://{PLAIN}/dry", dry_run=True)
        assert (state, keys(account, PLAIN, "dry")) == ("well", [])
        assert "dry run" in said
