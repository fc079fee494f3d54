"""Every way to get temporary keys that CloudTrail writes down, in the shapes of AWS's documentation."""

from typing import Any

import pytest

from bot.evidence.actors.lineage import Mints, hops
from bot.evidence.events import event_from
from tests.evidence.records import ACCOUNT, ATTACKER_IP, LEAKED_KEY, Caller, Log, session, user
from tests.evidence.stories import LINUX, assumed, role_arn
from tests.evidence.story import collected

KEY = "ASIAISSUED0000000001"
CI = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, LINUX)
NODE = session("eks-node", "i-0317f6c6b66ae9c40", "ASIANODE000000000001", "10.0.1.5", LINUX)
NOBODY = Caller({"type": "Unknown"}, ATTACKER_IP, LINUX)
ANCHOR = f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/0aaa"
SUBJECT = f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:subject/0bbb"
IN_A_SET = {"credentialSet": [{**assumed(KEY), "roleArn": role_arn("data")}], "subjectArn": SUBJECT}
POOL = {"identityId": "us-east-1:1cf667a2"}

CALLS = {
    "roles anywhere": (
        (NOBODY, "rolesanywhere", "CreateSession"),
        {"trustAnchorArn": ANCHOR, "roleArn": role_arn("data")},
        IN_A_SET,
        f"IAM Roles Anywhere to whoever held a certificate of trust anchor {ANCHOR}, subject {SUBJECT}",
    ),
    "directory bucket": (
        (CI, "s3express", "CreateSession"),
        {"bucketName": "acme--use1-az4--x-s3"},
        assumed(KEY),
        "A session of a directory bucket (S3 Express)",
    ),
    "a pool's guest": (
        (NOBODY, "cognito-identity", "GetCredentialsForIdentity"),
        POOL,
        assumed(KEY),
        "a Cognito identity pool to identity us-east-1:1cf667a2, a guest: nobody signed in",
    ),
    "a pool's user": (
        (NOBODY, "cognito-identity", "GetCredentialsForIdentity"),
        POOL | {"logins": {"cognito-idp": "HIDDEN_DUE_TO_SECURITY_REASONS"}},
        assumed(KEY),
        "a Cognito identity pool to identity us-east-1:1cf667a2, at",
    ),
    "pod identity": (
        (NODE, "eks-auth", "AssumeRoleForPodIdentity"),
        {"clusterName": "prod"},
        assumed(KEY),
        "a pod in EKS by Pod Identity, on node i-0317f6c6b66ae9c40",
    ),
    "root of a member account": (
        (CI, "sts", "AssumeRoot"),
        {"targetPrincipal": "222222222222"},
        assumed(KEY),
        "A root session of a member account",
    ),
    "SAML": (
        (NOBODY, "sts", "AssumeRoleWithSAML"),
        {"roleArn": role_arn("data")},
        assumed(KEY) | {"issuer": "https://idp.example.com", "subject": "ben@example.com"},
        "sign-in as ben@example.com at identity provider https://idp.example.com",
    ),
    "federation": (
        (CI, "sts", "GetFederationToken"),
        {"name": "x"},
        assumed(KEY),
        "it lives up to 36 hours",
    ),
}


@pytest.mark.parametrize(("call", "asked", "given", "said"), CALLS.values(), ids=CALLS)
def test_the_key_is_walked_to_the_call_that_issued_it(
    call: tuple[Caller, str, str], asked: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    log = Log()
    record = log.call(*call, requestParameters=asked, responseElements=given)
    holder = session("data", "x", KEY, ATTACKER_IP, LINUX)
    log.wait(minutes=1).object(holder, "GetObject", "payroll/00.csv")
    who = event_from(log.records[-1]).who
    first = next(hops(KEY, who, Mints.of(collected(log))))
    assert (first.matched, first.event, first.event_id) == ("issued key", call[2], record["eventID"])
    assert said in first.origin


@pytest.mark.parametrize("response", [{"credentialSet": "none"}, {"credentialSet": [None, 3, {}]}, {}])
def test_a_list_of_credentials_may_be_anything(response: dict[str, Any]) -> None:
    call = Log().call(NOBODY, "rolesanywhere", "CreateSession", responseElements=response)
    assert event_from(call).minted_key is None
