"""AssumeRole: trust, session policies, source identity, tags."""

import hashlib
import json

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, Who, allow, document, refusal, trust

USER = f"arn:aws:iam::{ACCOUNT}:user/bot"
MAY = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


@pytest.fixture
def bot(lab: Lab) -> Who:
    return lab.user("bot", allow(*MAY))


def assume(who: Who, role: str, **more: object) -> object:
    return who.sts.assume_role(**{"RoleArn": role, "RoleSessionName": "inc-0001.s01"} | more)


def test_the_trust_policy_decides_even_for_those_who_may_everything(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"Service": "ec2.amazonaws.com"}))
    code, message, status = refusal(lambda: assume(bot, role))
    assert (code, status) == ("AccessDenied", 403)
    assert message == f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {role}"


def test_trust_in_the_account_leaves_the_decision_to_the_users_policies(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    assume(bot, role)
    assert refusal(lambda: assume(lab.user("ann"), role))[0] == "AccessDenied"


def test_a_role_that_is_not_there_cannot_be_told_from_one_that_may_not_be_assumed(bot: Who) -> None:
    assert refusal(lambda: assume(bot, f"arn:aws:iam::{ACCOUNT}:role/none"))[0] == "AccessDenied"


def test_external_id(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"AWS": USER}, StringEquals={"sts:ExternalId": "secret-word"}))
    assert refusal(lambda: assume(bot, role))[0] == "AccessDenied"
    assert refusal(lambda: assume(bot, role, ExternalId="guess"))[0] == "AccessDenied"
    assume(bot, role, ExternalId="secret-word")


def test_a_source_identity_can_be_demanded_and_is_kept_through_a_chain(lab: Lab, bot: Who) -> None:
    first = lab.role("first", trust({"AWS": USER}, *MAY, Null={"sts:SourceIdentity": "false"}), allow(*MAY))
    second = lab.role("second", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/first"}, *MAY), allow("s3:*"))
    assert refusal(lambda: assume(bot, first))[0] == "AccessDenied"
    session = lab.assume(bot, first, SourceIdentity="slack-U02ABC")
    chained = lab.assume(session, second)
    chained.s3.list_buckets()
    context = lab.records("ListBuckets")[-1]["userIdentity"]["sessionContext"]
    assert context["sourceIdentity"] == "slack-U02ABC"


@pytest.mark.parametrize(
    ("action", "parameter"),
    [
        ("sts:TagSession", {"Tags": [{"Key": "incident", "Value": "inc-0001"}]}),
        ("sts:SetSourceIdentity", {"SourceIdentity": "slack-U02ABC"}),
    ],
)
def test_tags_and_source_identity_need_both_sides(
    lab: Lab, bot: Who, action: str, parameter: dict[str, object]
) -> None:
    silent = lab.role("silent", trust({"AWS": USER}))
    open_minded = lab.role("open", trust({"AWS": USER}, *MAY))
    assert action in refusal(lambda: assume(bot, silent, **parameter))[1]
    assume(bot, open_minded, **parameter)


def test_a_session_policy_only_takes_away(lab: Lab, bot: Who) -> None:
    lab.bucket("papers", k=b"1")
    role = lab.role("worker", trust({"AWS": USER}), allow("s3:GetObject", "s3:ListBucket"))
    narrow = document(allow("s3:GetObject", "s3:ListAllMyBuckets"))
    session = lab.assume(bot, role, Policy=narrow)
    session.s3.get_object(Bucket="papers", Key="k")
    message = refusal(lambda: session.s3.list_objects_v2(Bucket="papers"))[1]
    assert message.endswith("because no session policy allows the s3:ListBucket action")
    assert refusal(session.s3.list_buckets)[0] == "AccessDenied"


def test_session_policies_are_measured_and_read(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"AWS": USER}))
    long = document(allow("s3:GetObject", resource=[f"arn:aws:s3:::b/{n:030}" for n in range(60)]))
    assert refusal(lambda: assume(bot, role, Policy=long))[0] == "PackedPolicyTooLarge"
    assert refusal(lambda: assume(bot, role, Policy='{"Statement": 1}'))[0] == "MalformedPolicyDocument"


def test_policies_and_tags_are_packed_together(lab: Lab, bot: Who) -> None:
    """Few enough characters, and yet too much: names without repetition, and tags beside them."""
    role = lab.role("worker", trust({"AWS": USER}, *MAY))
    names = [hashlib.sha256(bytes([n])).hexdigest()[:40] for n in range(24)]
    policy = document(allow("s3:GetObject", resource=[f"arn:aws:s3:::{name}" for name in names]))
    assert len(policy) < 2048
    tags = [{"Key": f"tag-{n}", "Value": hashlib.sha512(bytes([n])).hexdigest()} for n in range(8)]
    packed = assume(bot, role, Policy=policy)["PackedPolicySize"]
    assert 50 < packed <= 100
    code, message = refusal(lambda: assume(bot, role, Policy=policy, Tags=tags))[:2]
    assert code == "PackedPolicyTooLarge"
    assert message.endswith("% of allotted space, please use smaller policy.")


@pytest.mark.parametrize(
    "wrong", [{"RoleSessionName": "a b"}, {"RoleSessionName": "inc:1"}, {"SourceIdentity": "slack U02"}]
)
def test_names_of_sessions(lab: Lab, bot: Who, wrong: dict[str, str]) -> None:
    role = lab.role("worker", trust({"AWS": USER}, *MAY))
    assert refusal(lambda: assume(bot, role, **wrong))[0] == "ValidationError"


def test_durations(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"AWS": USER}), allow("sts:AssumeRole"))
    both = {"AWS": [USER, role]}  # a role must exist before a trust policy can name it
    lab.root.iam.update_assume_role_policy(RoleName="worker", PolicyDocument=trust(both))
    assert refusal(lambda: assume(bot, role, DurationSeconds=7200))[0] == "ValidationError"
    session = lab.assume(bot, role, DurationSeconds=900)
    assert refusal(lambda: assume(session, role, DurationSeconds=3700))[0] == "ValidationError"


def test_the_event_tells_the_key_that_was_issued_and_hides_the_secret(lab: Lab, bot: Who) -> None:
    role = lab.role("worker", trust({"AWS": USER}, *MAY))
    given = bot.sts.assume_role(
        RoleArn=role,
        RoleSessionName="inc-0001.s01",
        SourceIdentity="slack-U02ABC",
        Policy=document(allow("s3:GetObject")),
    )["Credentials"]
    record = lab.records("AssumeRole")[-1]
    assert record["responseElements"]["credentials"]["accessKeyId"] == given["AccessKeyId"]
    assert record["responseElements"]["assumedRoleUser"]["arn"].endswith("assumed-role/worker/inc-0001.s01")
    assert record["requestParameters"]["sourceIdentity"] == "slack-U02ABC"
    assert "s3:GetObject" in record["requestParameters"]["policy"]
    assert record["resources"] == [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}]
    text = json.dumps(record)
    assert given["SecretAccessKey"] not in text
    assert given["SessionToken"] not in text
