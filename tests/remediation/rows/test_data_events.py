"""R36: what a trail records before and after, and what CloudTrail refuses."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.remediation.contract import Observed
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from bot.remediation.rows.data_events import MOST_VALUES
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import CONTEXT, carry_out, plan_for
from tests.remediation.rows.cases_protect import advanced, basic, new_trail, put_selectors, trail_arn

_BY_ARN = "arn:aws:s3:::"


def planned(account: Account, name: str, **more: str) -> Plan:
    return plan_for(account, "R36", {"bucket": name, "trail": f"{name}-trail", **more})


def recorded(account: Account, name: str) -> list[str]:
    """What the trail has taken of reads and writes of two buckets, and of a management event."""
    delivered(account, name)
    s3 = account.client("s3")
    for bucket in (name, f"{name}-2"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
        s3.get_object(Bucket=bucket, Key="k")
        s3.list_objects_v2(Bucket=bucket)
        s3.get_bucket_location(Bucket=bucket)
    return delivered(account, name)


def delivered(account: Account, name: str) -> list[str]:
    """Event and bucket of every record in files that were delivered since the last look."""
    account.fake.deliver()
    s3, files = account.client("s3"), f"{name}-files"
    found = []
    for one in s3.list_objects_v2(Bucket=files).get("Contents", []):
        if one["Key"].endswith(".json.gz"):
            body = s3.get_object(Bucket=files, Key=one["Key"])["Body"].read()
            found += json.loads(gzip.decompress(body))["Records"]
            s3.delete_object(Bucket=files, Key=one["Key"])
    told = [(record["eventName"], (record["requestParameters"] or {}).get("bucketName")) for record in found]
    return sorted(f"{event} {bucket}" for event, bucket in told if bucket in (name, f"{name}-2"))


@pytest.fixture(scope="module")
def trail(account: Account) -> str:
    new_trail(account, "acme-taxes")
    account.bucket("acme-taxes-2")
    return "acme-taxes"


def test_from_then_on_the_trail_has_the_bucket_s_events_and_no_other_s(account: Account, trail: str) -> None:
    put_selectors(account, trail, {"EventSelectors": [basic()], "AdvancedEventSelectors": []})
    before = recorded(account, trail)
    assert before == ["GetBucketLocation acme-taxes", "GetBucketLocation acme-taxes-2"]
    plan = planned(account, trail)
    assert carry_out(account, plan).outcome == "verified"
    assert recorded(account, trail) == sorted(
        [*before, "GetObject acme-taxes", "ListObjects acme-taxes", "PutObject acme-taxes"]
    )
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert recorded(account, trail) == before


@pytest.mark.parametrize(
    "selector",
    [
        basic(ReadWriteType="ReadOnly"),
        basic(ReadWriteType="WriteOnly", IncludeManagementEvents=True),
        basic(
            ReadWriteType="WriteOnly",
            IncludeManagementEvents=False,
            DataResources=[{"Type": "AWS::S3::Object", "Values": [f"{_BY_ARN}acme-taxes-2/"]}],
        ),
        basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
    ],
    ids=["reads", "writes", "writes of another bucket", "without KMS"],
)
def test_basic_selectors_go_on_selecting_the_same(account: Account, trail: str, selector: Any) -> None:
    put_selectors(account, trail, {"EventSelectors": [selector], "AdvancedEventSelectors": []})
    before = [one for one in recorded(account, trail) if one.endswith("-2")]
    assert carry_out(account, planned(account, trail)).outcome == "verified"
    assert [one for one in recorded(account, trail) if one.endswith("-2")] == before


def test_what_is_recorded_whole_is_left_alone(account: Account, trail: str) -> None:
    everything = basic(DataResources=[{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}])
    put_selectors(account, trail, {"EventSelectors": [everything], "AdvancedEventSelectors": []})
    with pytest.raises(NothingToDo, match=r"records every data event of acme-taxes: nothing is left"):
        planned(account, trail)
    put_selectors(
        account,
        trail,
        {"EventSelectors": [{**everything, "ReadWriteType": "WriteOnly"}], "AdvancedEventSelectors": []},
    )
    assert planned(account, trail).calls


def test_a_bucket_that_the_trail_writes_into_would_never_end(account: Account, trail: str) -> None:
    with pytest.raises(Refused, match="a file for every file, without end"):
        plan_for(account, "R36", {"bucket": f"{trail}-files", "trail": f"{trail}-trail"})


def test_more_values_than_cloudtrail_takes(account: Account, trail: str) -> None:
    def many(number: int) -> list[Any]:
        fields = {"eventCategory": {"Equals": ["Data"]}, "resources__type": {"Equals": ["AWS::S3::Object"]}}
        arns = {"StartsWith": [f"{_BY_ARN}acme-{one}/" for one in range(number)]}
        return [advanced("Many", **fields, resources__ARN=arns)]

    fits = MOST_VALUES - 2 - 3
    put_selectors(account, trail, {"EventSelectors": [], "AdvancedEventSelectors": many(fits)})
    assert carry_out(account, planned(account, trail)).outcome == "verified"
    put_selectors(account, trail, {"EventSelectors": [], "AdvancedEventSelectors": many(fits + 1)})
    with pytest.raises(Refused, match="would have 501 values, and CloudTrail takes 500"):
        planned(account, trail)


def test_a_trail_of_another_region_is_changed_there(account: Account) -> None:
    new_trail(account, "acme-far", "eu-west-1")
    for given in ("acme-far-trail", trail_arn("acme-far-trail", "eu-west-1")):
        plan = planned(account, "acme-far", trail=given)
        assert [call.region for call in (*plan.calls, *plan.undo)] == ["eu-west-1", "eu-west-1"]
        assert plan.target.id == trail_arn("acme-far-trail", "eu-west-1")
    assert carry_out(account, plan).outcome == "verified"
    here = plan.model_copy(
        update={"calls": tuple(one.model_copy(update={"region": None}) for one in plan.undo)}
    )
    undone = carry_out(account, here.model_copy(update={"base_hash": plan.final_hash}))
    assert undone.outcome == "failed"
    assert "InvalidHomeRegionException" in undone.sentence


def test_what_it_will_cost_is_said(account: Account, trail: str) -> None:
    put_selectors(account, trail, {"EventSelectors": [basic()], "AdvancedEventSelectors": []})
    assert "the month's cost is not known" in planned(account, trail).warnings[0]
    seen = Observed("arn:aws:iam::111122223333:user/a", None, "known", (), (), 1_000_000, None)
    context = replace(CONTEXT, observed=(seen,), hours=73.0)
    warning = plan_for(account, "R36", {"bucket": trail, "trail": f"{trail}-trail"}, context).warnings[0]
    assert "1,000,000 requests to the bucket in 73 hours: at that rate about 10,000,000 a month" in warning
    assert "some 10.00 USD" in warning


@pytest.mark.parametrize(
    "given", ["", "x", "a/b", "arn:aws:s3:::acme", "arn:aws:cloudtrail:us-east-1:1:trail/x"]
)
def test_what_cannot_be_a_trail(account: Account, given: str) -> None:
    with pytest.raises(BadTarget, match="cannot be a trail"):
        planned(account, "acme-taxes", trail=given)


def test_trails_of_others_and_trails_that_are_not_there(account: Account) -> None:
    foreign = trail_arn("audit").replace("111122223333", "444455556666")
    with pytest.raises(BadTarget, match="is not a trail of account 111122223333"):
        planned(account, "acme-taxes", trail=foreign)
    with pytest.raises(TargetMissing, match="There is no trail nobodys to be seen in us-east-1"):
        planned(account, "acme-taxes", trail="nobodys")
