"""R22: which grants go, which stay, and what the sweep cannot see."""

from __future__ import annotations

from typing import Any

import pytest

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer
from bot.remediation.catalogue import remediation
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import MANIFESTS, MemoryJournal, plan_for, step
from tests.remediation.rows.cases import CONTEXT, EVERYBODY, FLAGS, OTHER, OWNER, OWNERS, grant
from tests.remediation.rows.cases_sweep import open_bucket, owned, put_ownership, versioned
from tests.remediation.sweep.buckets import Disturbed, carried_out


def shared(account: Account, bucket: str, keys: int = 3) -> str:
    """A bucket with two versions of each object, all of them for everybody to read."""
    versioned(account, bucket)
    open_bucket(account, bucket)
    for number in range(keys * 2):
        account.client("s3").put_object(
            Bucket=bucket, Key=f"k{number // 2}", Body=b"%d" % number, ACL="public-read"
        )
    return bucket


def sweep(account: Account, bucket: str, **more: str) -> Plan:
    return plan_for(account, "R22", {"bucket": bucket, **more}, CONTEXT)


def readers(account: Account, bucket: str) -> list[int]:
    """For each version how many grants there are."""
    s3 = account.client("s3")
    return [
        len(
            s3.get_object_acl(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Grants"],
        )
        for one in s3.list_object_versions(Bucket=bucket)["Versions"]
    ]


def test_every_version_is_made_private_and_the_undo_restores_each(account: Account) -> None:
    bucket = shared(account, "acme-acls-1")
    plan = sweep(account, bucket)
    assert plan.calls[0].each is not None
    assert plan.calls[0].each.items == 6
    assert plan.undo[0].each == plan.calls[0].each
    assert carried_out(account, plan).outcome == "verified"
    assert readers(account, bucket) == [1] * 6
    assert carried_out(account, undo_plan(plan)).outcome == "verified"
    assert readers(account, bucket) == [2] * 6
    assert sweep(account, bucket).before == plan.before


def test_a_sweep_that_halted_is_undone_as_far_as_it_went(account: Account) -> None:
    bucket = shared(account, "acme-acls-2")
    plan = sweep(account, bucket)
    refused = AwsRefused("s3", "put_object_acl", "InvalidRequest", "not now", "REQ", 400)
    session = Disturbed(step(account, plan), "put_object_acl", before={1: refused, 4: refused})
    assert carried_out(account, plan, MemoryJournal(), lambda: session).outcome == "halted"
    assert sum(readers(account, bucket)) == 4 * 1 + 2 * 2
    undone = carried_out(account, undo_plan(plan))
    assert (undone.outcome, undone.calls_made) == ("verified", 4)
    assert readers(account, bucket) == [2] * 6


def test_only_keys_of_the_prefix_are_swept(account: Account) -> None:
    bucket = shared(account, "acme-acls-3")
    assert carried_out(account, sweep(account, bucket, prefix="k1")).outcome == "verified"
    assert readers(account, bucket) == [2, 2, 1, 1, 2, 2]


def test_where_acls_are_off_nothing_is_left_to_do(account: Account) -> None:
    bucket = shared(account, "acme-acls-4", keys=1)
    put_ownership(account, bucket, "BucketOwnerEnforced")
    with pytest.raises(NothingToDo, match="ACLs are off"):
        sweep(account, bucket)


def test_what_a_block_hides_is_said(account: Account) -> None:
    bucket = shared(account, "acme-acls-5", keys=1)
    s3, block = account.client("s3"), dict.fromkeys(FLAGS, False) | {"IgnorePublicAcls": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    with pytest.raises(NothingToDo, match="Block Public Access hides public grants"):
        sweep(account, bucket)
    s3.put_object_acl(Bucket=bucket, Key="k0", AccessControlPolicy=owned([grant("READ", canonical=OTHER)]))
    plan = sweep(account, bucket)
    assert plan.before["PublicGrantsHidden"]
    assert any("stay stored behind the block" in one for one in plan.irreversible)


def test_a_block_that_comes_between_stops_it(account: Account) -> None:
    """Else the hidden grants would look like taken away."""
    bucket = shared(account, "acme-acls-6", keys=1)
    plan = sweep(account, bucket)
    block = dict.fromkeys(FLAGS, True)
    account.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    result = carried_out(account, plan)
    assert (result.outcome, result.calls_made) == ("stale", 0)
    assert "not what they were" in result.sentence


class Objects:
    """A bucket whose objects have these owners and grants; of some the ACL is not shown."""

    def __init__(self, acls: dict[str, Any]) -> None:
        self.acls = acls

    def call(self, service: str, operation: str, params: Any, region: str | None = None) -> Answer:
        assert region == REGION
        if operation == "get_object_acl":
            if (acl := self.acls[params["Key"]]) is None:
                raise AwsRefused(service, operation, "AccessDenied", "Access Denied", "REQ", 403)
            return Answer(acl, "REQ")
        if operation == "get_public_access_block":
            code = "NoSuchPublicAccessBlockConfiguration"
            raise AwsRefused(service, operation, code, "none", "REQ", 404)
        return Answer(
            {
                "get_bucket_acl": {"Owner": {"ID": OWNER}, "Grants": [OWNERS]},
                "get_bucket_ownership_controls": {
                    "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
                },
                "list_object_versions": {"Versions": [_version(key) for key in sorted(self.acls)]},
            }[operation],
            "REQ",
        )


def _version(key: str) -> dict[str, Any]:
    return {"Key": key, "VersionId": "null", "IsLatest": True, "LastModified": None, "Size": 1}


def plan_of(acls: dict[str, Any]) -> Plan:
    kind: Any = remediation("R22")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme"})
    plan: Plan = kind.plan(target, kind.survey(Objects(acls), target, MANIFESTS), CONTEXT)
    return plan


def test_the_buckets_owner_stays_where_another_account_wrote_the_object() -> None:
    theirs = grant("FULL_CONTROL", canonical=OTHER)
    ours = grant("FULL_CONTROL", canonical=OWNER)
    everybody = grant("READ", uri=EVERYBODY)
    plan = plan_of({"k": {"Owner": {"ID": OTHER}, "Grants": [theirs, ours, everybody]}})
    each = plan.calls[0].each
    assert each is not None
    (line,) = MANIFESTS.lines(each)
    assert line["After"]["Grants"] == [ours, theirs]
    assert everybody in line["Before"]["Grants"]


def test_objects_that_others_own_are_reported() -> None:
    open_ = {"Owner": {"ID": OWNER}, "Grants": [OWNERS, grant("READ", uri=EVERYBODY)]}
    plan = plan_of({"ours": open_, "theirs": None})
    assert plan.before["LeftOut"]["why"] == {"not readable": 1}
    assert any("'theirs'" in one and "other accounts own them" in one for one in plan.warnings)
    with pytest.raises(Refused, match="s3:GetObjectVersionAcl"):
        plan_of({"theirs": None})
