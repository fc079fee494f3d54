"""R44: which version is restored, what comes along with it, and what is only reported."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.aws.gateway import Answer
from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan
from bot.remediation.sweep import copying
from bot.remediation.sweep.contract import Hands
from tests.aws.account import ACCOUNT, REGION, Account
from tests.examples import some_of
from tests.remediation.doing import MANIFESTS
from tests.remediation.rows.cases import EVERYBODY, OTHER, OWNER
from tests.remediation.rows.cases_sweep import KEY_ARN, T0, open_bucket, past, put_ownership, versioned
from tests.remediation.sweep.buckets import carried_out, content, history, restoring, wiped

SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}


def lines(plan: Plan) -> list[dict[str, Any]]:
    each = plan.calls[0].each
    assert each is not None
    return list(MANIFESTS.lines(each))


def a_bucket(account: Account, name: str) -> str:
    versioned(account, name)
    open_bucket(account, name)
    return name


def test_what_was_there_before_the_moment_comes_back_and_nothing_else(account: Account) -> None:
    bucket = a_bucket(account, "acme-restore-1")
    then, s3 = past(account), account.client("s3")
    for key in ("kept", "deleted", "overwritten", "deleted before"):
        then.put_object(Bucket=bucket, Key=key, Body=key.encode())
    then.delete_object(Bucket=bucket, Key="deleted before")
    s3.delete_object(Bucket=bucket, Key="deleted")
    s3.put_object(Bucket=bucket, Key="overwritten", Body=b"pay us")
    s3.put_object(Bucket=bucket, Key="ransom note", Body=b"pay us")
    s3.put_object(Bucket=bucket, Key="same again", Body=b"same")
    plan = restoring(account, bucket)
    assert [one["Key"] for one in lines(plan)] == ["deleted", "overwritten"]
    assert plan.calls[0].each is not None
    assert plan.calls[0].each.bytes == len("deleted" + "overwritten")
    assert "2 objects, 18 B" in plan.title
    before = history(account, bucket)

    assert carried_out(account, plan).outcome == "verified"
    assert content(account, bucket, "overwritten") == b"overwritten"
    assert content(account, bucket, "ransom note") == b"pay us"
    after = history(account, bucket)
    assert all(after[key][: len(before[key])] == before[key] for key in before)
    with pytest.raises(NothingToDo, match="is still the current one"):
        restoring(account, bucket)


def test_only_keys_of_the_prefix_are_restored(account: Account) -> None:
    bucket = wiped(account, 12)
    plan = restoring(account, bucket, prefix="data/001")
    assert [one["Key"] for one in lines(plan)] == ["data/0010", "data/0011"]
    arns = {permission.resource for permission in plan.calls[0].permissions if ":s3:" in permission.resource}
    assert arns == {f"arn:aws:s3:::{bucket}/data/001*"}
    odd = remediation("R44").target(ACCOUNT, REGION, {"bucket": bucket, "before": T0, "prefix": "a*?$b"})
    state = {**plan.before}
    asked = remediation("R44").plan(odd, state, PlanContext("inc-0001")).calls[0].permissions
    assert asked[0].resource == f"arn:aws:s3:::{bucket}/a${{*}}${{?}}${{$}}b*"


def test_the_copy_is_stored_and_shared_as_the_version_was(account: Account) -> None:
    bucket = a_bucket(account, "acme-restore-2")
    then, s3 = past(account), account.client("s3")
    then.put_object(
        Bucket=bucket,
        Key="report",
        Body=b"figures",
        ContentType="text/csv",
        CacheControl="no-store",
        Metadata={"owner": "payroll"},
        Tagging="class=secret",
        StorageClass="STANDARD_IA",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=KEY_ARN,
        GrantFullControl=f'id="{OWNER}"',
        GrantRead=f'id="{OTHER}", uri="{EVERYBODY}"',
    )
    s3.delete_object(Bucket=bucket, Key="report")
    assert carried_out(account, restoring(account, bucket)).outcome == "verified"

    head = s3.head_object(Bucket=bucket, Key="report")
    assert (head["ContentType"], head["CacheControl"]) == ("text/csv", "no-store")
    assert (head["Metadata"], head["StorageClass"]) == ({"owner": "payroll"}, "STANDARD_IA")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)
    tags = s3.get_object_tagging(Bucket=bucket, Key="report")["TagSet"]
    assert tags == [{"Key": "class", "Value": "secret"}]
    grants = s3.get_object_acl(Bucket=bucket, Key="report")["Grants"]
    told = {(one["Grantee"].get("ID") or one["Grantee"]["URI"], one["Permission"]) for one in grants}
    # Everybody could read it; a restore publishes nothing.
    assert told == {(OWNER, "FULL_CONTROL"), (OTHER, "READ")}


def test_acls_are_left_alone_where_they_are_switched_off(account: Account) -> None:
    bucket = wiped(account, 2, ACL="bucket-owner-full-control")
    put_ownership(account, bucket, "BucketOwnerEnforced")
    assert carried_out(account, restoring(account, bucket)).outcome == "verified"


def test_archived_versions_are_reported_and_not_copied(account: Account) -> None:
    bucket = wiped(account, 2)
    for key in ("tape/1", "tape/2"):
        past(account).put_object(Bucket=bucket, Key=key, Body=b"old", StorageClass="DEEP_ARCHIVE")
        account.client("s3").delete_object(Bucket=bucket, Key=key)
    plan = restoring(account, bucket)
    assert [one["Key"] for one in lines(plan)] == ["data/0000", "data/0001"]
    assert plan.before["LeftOut"]["why"] == {"archived": 2}
    assert any("2 objects in Glacier or Deep Archive" in one and "'tape/1'" in one for one in plan.warnings)
    with pytest.raises(NothingToDo, match="1 object in Glacier"):
        restoring(account, bucket, prefix="tape/1")


def test_versions_under_a_customers_key_are_reported_and_the_others_copied(account: Account) -> None:
    bucket = wiped(account, 2)
    past(account).put_object(Bucket=bucket, Key="locked", Body=b"ours", **SSE_C)
    account.client("s3").delete_object(Bucket=bucket, Key="locked")
    result = carried_out(account, restoring(account, bucket))
    assert (result.outcome, result.calls_made) == ("halted", 2)
    assert "'locked': " in result.sentence
    assert "SSE-C" in result.sentence


def test_what_the_attacker_encrypted_is_restored_from_below(account: Account) -> None:
    bucket = a_bucket(account, "acme-restore-3")
    past(account).put_object(Bucket=bucket, Key="plans", Body=b"ours")
    account.client("s3").put_object(Bucket=bucket, Key="plans", Body=b"ours", **SSE_C)
    account.client("s3").put_object(Bucket=bucket, Key="plans", Body=b"locked!", **SSE_C)
    assert carried_out(account, restoring(account, bucket)).outcome == "verified"
    assert content(account, bucket, "plans") == b"ours"


def test_without_versioning_a_copy_would_replace_evidence(account: Account) -> None:
    bucket = wiped(account, 1)
    status = {"Status": "Suspended"}
    account.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
    with pytest.raises(Refused, match="R33"):
        restoring(account, bucket)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "12:00"])
def test_a_moment_is_iso_8601(text: str) -> None:
    with pytest.raises(BadTarget, match="ISO 8601"):
        remediation("R44").target(ACCOUNT, REGION, {"bucket": "acme", "before": text})


@pytest.mark.parametrize("text", ["2026-01-15T13:00:00+01:00", "2026-01-15T12:00:00Z", "2026-01-15T12:00:00"])
def test_equal_moments_make_equal_targets(text: str) -> None:
    target = remediation("R44").target(ACCOUNT, REGION, {"bucket": "acme", "before": text})
    assert target.params["before"] == T0


# -- any history, against a model ----------------------------------------------------------------------

_MOMENT = datetime.fromisoformat(T0)
_HISTORY = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from(["a", "b", "delete"])), min_size=1, max_size=6
)


class Listing:
    """S3's list of a bucket with such histories, in pages of a few entries."""

    def __init__(self, histories: dict[str, list[tuple[int, str]]], page: int) -> None:
        self.entries = [
            {
                "Key": key,
                "VersionId": f"{key}{number}",
                "IsLatest": number == len(events) - 1,
                "LastModified": _MOMENT + timedelta(seconds=10 * second + number),
                **({} if what == "delete" else {"ETag": f'"{what}"', "Size": 5, "StorageClass": "STANDARD"}),
            }
            for key, events in sorted(histories.items())
            for number, (second, what) in reversed(list(enumerate(sorted(events, key=lambda one: one[0]))))
        ]
        self.page = page

    def call(self, service: str, operation: str, params: Any, region: str | None = None) -> Answer:
        assert (service, operation, region) == ("s3", "list_object_versions", REGION)
        marker = (params.get("KeyMarker"), params.get("VersionIdMarker"))
        ids = [(one["Key"], one["VersionId"]) for one in self.entries]
        start = ids.index(marker) + 1 if marker in ids else 0
        shown = self.entries[start : start + self.page]
        more = start + self.page < len(self.entries)
        last = (
            {"NextKeyMarker": shown[-1]["Key"], "NextVersionIdMarker": shown[-1]["VersionId"]} if more else {}
        )
        versions = [one for one in shown if "ETag" in one]
        markers = [one for one in shown if "ETag" not in one]
        return Answer({"Versions": versions, "DeleteMarkers": markers, "IsTruncated": more, **last}, "REQ")


def _model(events: list[tuple[int, str]]) -> str | None:
    """What must be current again: the last content before the moment, unless it is what is current."""
    ordered = sorted(enumerate(sorted(events, key=lambda one: one[0])), key=lambda one: one[0])
    before = [what for number, (second, what) in ordered if 10 * second + number < 0]
    now = ordered[-1][1][1]
    return None if not before or before[-1] in ("delete", now) else before[-1]


@settings(max_examples=some_of(100), deadline=None)
@given(st.dictionaries(st.sampled_from(["k", "k2", "é", "k/1"]), _HISTORY), st.integers(1, 5))
def test_of_any_history_the_right_version_is_chosen(
    histories: dict[str, list[tuple[int, str]]], page: int
) -> None:
    kind: Any = remediation("R44")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme", "before": T0})
    found = {one["Key"]: one["ETag"] for one in kind.items(Listing(histories, page), target, {})}
    wanted = {key: _model(events) for key, events in histories.items()}
    assert found == {key: etag for key, etag in wanted.items() if etag is not None}


# -- more than one call can copy -----------------------------------------------------------------------


class Recording:
    """Answers what S3 would to a copy in parts, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, service: str, operation: str, params: Any, region: str | None = None) -> Answer:
        assert (service, region) == ("s3", REGION)
        self.asked.append((operation, dict(params)))
        answers: dict[str, dict[str, Any]] = {
            "head_object": {"ContentLength": 1, "ContentType": "video/mp4", "Metadata": {"a": "b"}},
            "get_object_tagging": {"TagSet": [{"Key": "class", "Value": "a&b"}]},
            "create_multipart_upload": {"UploadId": "U1"},
            "upload_part_copy": {"CopyPartResult": {"ETag": "e", "LastModified": datetime.now(UTC)}},
        }
        return Answer(answers.get(operation, {}), "REQ9")


def test_what_is_too_large_for_one_call_is_copied_in_parts() -> None:
    kind: Any = remediation("R44")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme", "before": T0})
    size = 5 * 1024**3 + 1
    source = {"Bucket": "acme", "Key": "film", "VersionId": "V1"}
    item = {"Key": "film", "VersionId": "V1", "Size": size, "StorageClass": "STANDARD", "Source": source}
    state = {
        "Objects": {"sha256": "0" * 64, "items": 1, "bytes": size, "largest": size, "examples": ["film"]}
    }
    plan = kind.plan(
        target,
        {**state, "Versioning": "Enabled", "ObjectOwnership": None, "LeftOut": {"items": 0}},
        PlanContext("inc-0001"),
    )
    act = Recording()
    hands = Hands(act, act, target, plan.before)
    assert copying.copy(hands, plan.calls[0], item, acls=False) == "REQ9"
    begun = next(params for name, params in act.asked if name == "create_multipart_upload")
    assert begun["Tagging"] == "class=a%26b"
    assert (begun["ContentType"], begun["Metadata"]) == ("video/mp4", {"a": "b"})
    parts = [params for name, params in act.asked if name == "upload_part_copy"]
    assert {part["CopySource"]["VersionId"] for part in parts} == {"V1"}
    assert [part["PartNumber"] for part in parts] == list(range(1, 12))
    done = act.asked[-1][1]["MultipartUpload"]["Parts"]
    assert done[0] == {"PartNumber": 1, "ETag": "e"}


@settings(max_examples=some_of(15), deadline=None)
@given(st.integers(1, 10_000 * 5 * 1024**3))
def test_the_parts_are_the_whole_and_s3_takes_them(size: int) -> None:
    spans = [tuple(map(int, one.removeprefix("bytes=").split("-"))) for one in copying.spans(size)]
    assert spans[0][0] == 0
    assert spans[-1][1] == size - 1
    assert all(end + 1 == start for (_, end), (start, _) in itertools.pairwise(spans))
    assert len(spans) <= 10_000
    assert all(end - start < 5 * 1024**3 for start, end in spans)
