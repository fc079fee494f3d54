"""AWS's decision logic, case by case from the IAM User Guide and the traps of S3."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.policy.context import UNKNOWN
from bot.policy.document import Policy, parse
from bot.policy.evaluate import Decision, Policies, Request, evaluate

OWN, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{OWN}:user/david"
ROLE = f"arn:aws:iam::{OWN}:role/etl"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/etl/nightly"
FEDERATED = f"arn:aws:sts::{OWN}:federated-user/david"
ROOT = f"arn:aws:iam::{OWN}:root"
FOREIGN = f"arn:aws:iam::{OTHER}:user/eve"
TRAIL = "cloudtrail.amazonaws.com"
OBJECT = "arn:aws:s3:::acme-payroll/2026/11.csv"


def policy(*statements: Mapping[str, Any], name: str = "p") -> Policy:
    filled = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **one} for one in statements]
    for one in filled:
        if "NotAction" in one:
            del one["Action"]
        if "NotResource" in one:
            del one["Resource"]
    return parse({"Version": "2012-10-17", "Statement": filled}, name)


def to(principal: object, **more: Any) -> Policy:
    return policy({"Principal": principal if principal == "*" else {"AWS": principal}, **more})


def decide(
    principal: str, context: Mapping[str, str | Sequence[str]] | None = None, **layers: Any
) -> Decision:
    request = Request(principal, "s3:GetObject", OBJECT, OWN, context or {})
    return evaluate(request, Policies(**layers))


READ = policy({"Sid": "Read"})
NOTHING = policy({"Action": "ec2:*"})
DENY = policy({"Sid": "Stop", "Effect": "Deny"})
DENY_ALL_PRINCIPALS = to("*", Effect="Deny", Sid="Stop")

SAME_ACCOUNT = [
    # The identity-based or the resource-based policy is enough.
    (USER, {}, "implicitly_denied"),
    (USER, {"identity": (READ,)}, "allowed"),
    (USER, {"resource": to(USER)}, "allowed"),
    (USER, {"identity": (READ,), "resource": to(FOREIGN)}, "allowed"),
    # Naming the account only delegates.
    (USER, {"resource": to(OWN)}, "implicitly_denied"),
    (USER, {"resource": to(OWN), "identity": (READ,)}, "allowed"),
    # A boundary limits identity-based policies and grants to a role, not grants to the user.
    (USER, {"identity": (READ,), "boundaries": (NOTHING,)}, "implicitly_denied"),
    (USER, {"identity": (READ,), "boundaries": (READ,)}, "allowed"),
    (USER, {"resource": to(USER), "boundaries": (NOTHING,)}, "allowed"),
    (USER, {"resource": to(OWN), "identity": (READ,), "boundaries": (NOTHING,)}, "implicitly_denied"),
    (SESSION, {"resource": to(ROLE)}, "allowed"),
    (SESSION, {"resource": to(ROLE), "boundaries": (NOTHING,)}, "implicitly_denied"),
    (SESSION, {"resource": to(ROLE), "session": NOTHING}, "implicitly_denied"),
    (SESSION, {"resource": to(ROLE), "session": READ}, "allowed"),
    # A grant to the session itself, or to everyone, is limited by neither.
    (SESSION, {"resource": to(SESSION), "session": NOTHING, "boundaries": (NOTHING,)}, "allowed"),
    (SESSION, {"resource": to("*"), "session": NOTHING}, "allowed"),
    # Session policies intersect.
    (SESSION, {"identity": (READ,), "session": NOTHING}, "implicitly_denied"),
    (SESSION, {"identity": (READ,), "session": READ}, "allowed"),
    (SESSION, {"identity": (NOTHING,), "session": READ}, "implicitly_denied"),
    # A federated user has nothing without a session policy, except what names it.
    (FEDERATED, {"identity": (READ,)}, "implicitly_denied"),
    (FEDERATED, {"identity": (READ,), "session": READ}, "allowed"),
    (FEDERATED, {"resource": to(FEDERATED)}, "allowed"),
    # Explicit denials, anywhere.
    (USER, {"identity": (READ, DENY)}, "explicitly_denied"),
    (USER, {"identity": (READ,), "resource": DENY_ALL_PRINCIPALS}, "explicitly_denied"),
    (USER, {"resource": to(USER), "boundaries": (DENY,)}, "explicitly_denied"),
    (SESSION, {"resource": to(SESSION), "session": DENY}, "explicitly_denied"),
    (USER, {"identity": (READ,), "scps": ((READ,), (READ, DENY))}, "explicitly_denied"),
    (USER, {"identity": (READ,), "rcps": ((DENY_ALL_PRINCIPALS,),)}, "explicitly_denied"),
    # Every SCP level must allow; an RCP level always does.
    (USER, {"identity": (READ,), "scps": ((READ,), (READ,))}, "allowed"),
    (USER, {"identity": (READ,), "scps": ((READ,), (NOTHING,))}, "implicitly_denied"),
    (USER, {"identity": (READ,), "scps": ((READ,), ())}, "implicitly_denied"),
    (USER, {"resource": to(USER), "scps": ((NOTHING,),)}, "implicitly_denied"),
    (USER, {"identity": (READ,), "rcps": ((), (NOTHING,))}, "allowed"),
    # The root user has everything; only organisation and resource policies bind it.
    (ROOT, {}, "allowed"),
    (OWN, {}, "allowed"),
    (ROOT, {"boundaries": (NOTHING,)}, "allowed"),
    (ROOT, {"scps": ((NOTHING,),)}, "implicitly_denied"),
    (ROOT, {"resource": DENY_ALL_PRINCIPALS}, "explicitly_denied"),
]


@pytest.mark.parametrize(("principal", "layers", "outcome"), SAME_ACCOUNT)
def test_within_one_account(principal: str, layers: dict[str, Any], outcome: str) -> None:
    decision = decide(principal, **layers)
    assert decision.outcome == outcome
    assert decision.allowed is (outcome == "allowed")
    assert decision.because


OUTSIDE = [
    # Across accounts both sides must allow.
    (FOREIGN, {"identity": (READ,)}, "implicitly_denied"),
    (FOREIGN, {"resource": to(OTHER)}, "implicitly_denied"),
    (FOREIGN, {"identity": (READ,), "resource": to(OTHER)}, "allowed"),
    (FOREIGN, {"identity": (READ,), "resource": to(FOREIGN)}, "allowed"),
    (FOREIGN, {"identity": (), "resource": to(FOREIGN)}, "implicitly_denied"),
    (FOREIGN, {"identity": (), "resource": to("*")}, "implicitly_denied"),
    (FOREIGN, {"identity": (READ,), "resource": to("*")}, "allowed"),
    (FOREIGN, {"identity": (READ,), "resource": to(OWN)}, "implicitly_denied"),
    (FOREIGN, {"identity": (READ,), "resource": to(OTHER), "scps": ((NOTHING,),)}, "implicitly_denied"),
    (f"arn:aws:iam::{OTHER}:root", {"resource": to(OTHER)}, "allowed"),
    # Anonymous: only what is granted to everyone; identity layers and SCPs have no say.
    ("anonymous", {}, "implicitly_denied"),
    ("anonymous", {"identity": (READ,)}, "implicitly_denied"),
    ("anonymous", {"resource": to("*")}, "allowed"),
    ("anonymous", {"resource": policy({"Principal": {"AWS": "*"}})}, "allowed"),
    ("anonymous", {"resource": to(OWN)}, "implicitly_denied"),
    ("anonymous", {"resource": to("*"), "scps": ((NOTHING,),)}, "allowed"),
    ("anonymous", {"resource": to("*"), "rcps": ((DENY_ALL_PRINCIPALS,),)}, "explicitly_denied"),
    ("anonymous", {"resource": policy({"NotPrincipal": {"AWS": OTHER}})}, "allowed"),
    # Services: only the resource-based policy.
    (TRAIL, {"resource": policy({"Principal": {"Service": TRAIL}})}, "allowed"),
    (TRAIL, {"resource": policy({"Principal": {"Service": "config.amazonaws.com"}})}, "implicitly_denied"),
    (TRAIL, {"identity": (READ,)}, "implicitly_denied"),
    # A statement without a principal cannot speak in a resource-based policy.
    ("anonymous", {"resource": READ}, "implicitly_denied"),
]


@pytest.mark.parametrize(("principal", "layers", "outcome"), OUTSIDE)
def test_from_outside_the_account(principal: str, layers: dict[str, Any], outcome: str) -> None:
    decision = decide(principal, **layers)
    assert decision.outcome == outcome
    assert decision.because


def test_service_linked_roles_are_above_organisation_policies() -> None:
    linked = f"arn:aws:sts::{OWN}:assumed-role/AWSServiceRoleForConfig/x"
    assert decide(linked, identity=(READ,), scps=((DENY,),), rcps=((DENY_ALL_PRINCIPALS,),)).allowed


ELEMENTS = [
    ({"Action": "S3:getOBJECT"}, True),
    ({"Action": "s3:Get*"}, True),
    ({"Action": "*"}, True),
    ({"Action": ["ec2:*", "s3:GetObject?"]}, False),
    ({"NotAction": "s3:Put*"}, True),
    ({"NotAction": ["s3:Put*", "s3:get*"]}, False),
    ({"Resource": "arn:aws:s3:::acme-payroll"}, False),
    ({"Resource": "arn:aws:s3:::acme-payroll/*"}, True),
    ({"Resource": "arn:aws:s3:::ACME-payroll/*"}, False),
    ({"Resource": ["arn:aws:s3:::x", "arn:aws:s3:::acme-payroll/2026/??.csv"]}, True),
    ({"NotResource": "arn:aws:s3:::acme-payroll/2025/*"}, True),
    ({"NotResource": "arn:aws:s3:::acme-payroll/*"}, False),
    ({"Resource": "arn:aws:s3:::acme-payroll/${aws:PrincipalTag/year}/*"}, True),
    ({"NotResource": "arn:aws:s3:::acme-payroll/${aws:PrincipalTag/year}/*"}, False),
    ({"Resource": "arn:aws:s3:::acme-payroll/${aws:PrincipalTag/month}/*"}, False),
    ({"NotResource": "arn:aws:s3:::acme-payroll/${aws:PrincipalTag/month}/*"}, False),
    ({"Resource": "arn:aws:s3:::acme-payroll/${aws:PrincipalTag/month, '2026'}/*"}, True),
]


@pytest.mark.parametrize(("element", "applies"), ELEMENTS)
def test_actions_and_resources(element: dict[str, Any], applies: bool) -> None:
    decision = decide(USER, {"aws:PrincipalTag/year": "2026"}, identity=(policy(element),))
    assert decision.allowed is applies


DERIVED = [
    (SESSION, "ArnEquals", "aws:PrincipalArn", ROLE),
    (USER, "StringEquals", "AWS:PRINCIPALACCOUNT", OWN),
    (USER, "StringEquals", "aws:username", "david"),
    (USER, "StringEquals", "aws:PrincipalType", "User"),
    (SESSION, "StringEquals", "aws:PrincipalType", "AssumedRole"),
    (USER, "Bool", "aws:PrincipalIsAWSService", "false"),
    (SESSION, "Null", "aws:username", "true"),
    (ROOT, "StringEquals", "aws:userid", OWN),
    (USER, "StringEquals", "aws:ResourceAccount", OWN),
]


@pytest.mark.parametrize(("principal", "operator", "key", "value"), DERIVED)
def test_keys_that_follow_from_the_request(principal: str, operator: str, key: str, value: str) -> None:
    denied = policy({}, {"Effect": "Deny", "Condition": {operator: {key: value}}})
    assert decide(principal, identity=(denied,)).outcome == "explicitly_denied"


@pytest.mark.parametrize("key", ["aws:PrincipalIsAWSService", "aws:PrincipalArn", "aws:PrincipalAccount"])
def test_anonymous_requests_lack_the_keys_of_signed_ones(key: str) -> None:
    signed = {"Effect": "Deny", "Principal": "*", "Condition": {"Null": {key: "false"}}}
    assert decide("anonymous", resource=policy({"Principal": "*"}, signed)).allowed
    assert decide(USER, resource=policy({"Principal": "*"}, signed)).outcome == "explicitly_denied"


def test_a_given_key_wins_over_the_derived_one() -> None:
    path = f"arn:aws:iam::{OWN}:role/team/etl"
    allowed = policy({"Condition": {"ArnEquals": {"aws:PrincipalArn": path}}})
    assert not decide(SESSION, identity=(allowed,)).allowed
    assert decide(SESSION, {"AWS:principalARN": path}, identity=(allowed,)).allowed


def test_denying_a_principal_by_arn_covers_its_sessions_and_spares_others() -> None:
    """The containment statement: Principal "*" with aws:PrincipalArn survives deleted ARNs (domain R14)."""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": [ROLE]}},
    }
    assert decide(SESSION, identity=(READ,), resource=policy(deny)).outcome == "explicitly_denied"
    assert decide(USER, identity=(READ,), resource=policy(deny)).allowed


def test_revoking_older_sessions_spares_newer_ones() -> None:
    """AWSRevokeOlderSessions (R5): sessions from before are denied, new ones and long-term keys are not."""
    revoke = policy(
        {
            "Effect": "Deny",
            "Action": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-23T03:00:00Z"}},
        }
    )
    for issued, outcome in (
        ("2026-11-23T02:59:59Z", "explicitly_denied"),
        ("2026-11-23T03:00:00Z", "allowed"),
    ):
        decision = decide(SESSION, {"aws:TokenIssueTime": issued}, identity=(READ, revoke))
        assert decision.outcome == outcome
    assert decide(USER, identity=(READ, revoke)).allowed


def test_deny_outside_the_organisation_needs_the_exception_for_services() -> None:
    """Domain R16: without BoolIfExists aws:PrincipalIsAWSService, log delivery breaks."""
    grant = {"Principal": {"Service": TRAIL}}
    naive = {
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
    }
    careful = {
        **naive,
        "Condition": {**naive["Condition"], "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
    }
    assert decide(TRAIL, resource=policy(grant, naive)).outcome == "explicitly_denied"
    assert decide(TRAIL, resource=policy(grant, careful)).allowed
    assert decide("anonymous", resource=policy({"Principal": "*"}, careful)).outcome == "explicitly_denied"


def test_not_principal_deny_hits_sessions_of_a_listed_role_and_everyone_with_a_boundary() -> None:
    listed = {"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE]}}
    assert decide(SESSION, identity=(READ,), resource=policy(listed)).outcome == "explicitly_denied"
    whole = policy({"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, USER]}})
    assert decide(USER, identity=(READ,), resource=whole).allowed
    bounded = decide(USER, identity=(READ,), resource=whole, boundaries=(READ,))
    assert bounded.outcome == "explicitly_denied"


@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
def test_the_owners_root_user_can_always_mend_the_bucket_policy(action: str) -> None:
    deny = to("*", Effect="Deny", Action="s3:*")
    bucket = "arn:aws:s3:::acme-payroll"
    assert evaluate(Request(ROOT, action, bucket, OWN), Policies(resource=deny)).allowed
    other = evaluate(
        Request(USER, action, bucket, OWN), Policies(identity=(policy({"Action": "*"}),), resource=deny)
    )
    assert other.outcome == "explicitly_denied"
    foreign_root = Request(f"arn:aws:iam::{OTHER}:root", action, bucket, OWN)
    assert evaluate(foreign_root, Policies(resource=deny)).outcome == "explicitly_denied"
    scp = policy({"Effect": "Deny", "Action": "*"}, {"Action": "*"})
    assert not evaluate(Request(ROOT, action, bucket, OWN), Policies(resource=deny, scps=((scp,),))).allowed


def test_role_trust_must_allow_whatever_identity_policies_say() -> None:
    request = Request(USER, "sts:AssumeRole", ROLE)
    assume = policy({"Action": "sts:AssumeRole"})
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    by_account = parse({"Statement": {**trust, "Principal": {"AWS": OWN}}}, "trust")
    by_user = parse({"Statement": {**trust, "Principal": {"AWS": USER}}}, "trust")
    by_service = parse({"Statement": {**trust, "Principal": {"Service": "ec2.amazonaws.com"}}}, "trust")
    assert evaluate(request, Policies(identity=(assume,), resource=by_service)).outcome == "implicitly_denied"
    assert evaluate(request, Policies(identity=(assume,), resource=by_account)).allowed
    assert not evaluate(request, Policies(resource=by_account)).allowed
    assert evaluate(request, Policies(resource=by_user)).allowed


def test_the_owner_is_read_from_the_arn_when_not_given() -> None:
    request = Request(FOREIGN, "iam:GetRole", ROLE)
    assert not evaluate(request, Policies(identity=(policy({"Action": "*"}),))).allowed


def test_why_an_explicit_denial() -> None:
    decision = decide(USER, identity=(READ, DENY))
    (reason,) = decision.because
    assert (reason.layer, reason.policy, reason.statement, reason.effect) == ("identity", "p", "Stop", "Deny")


def test_why_not_names_the_layer_and_the_condition_that_failed() -> None:
    office = policy({"Sid": "Office", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})
    decision = decide(USER, {"aws:SourceIp": "198.51.100.7"}, identity=(office,))
    layer, near = decision.because
    assert (layer.layer, layer.effect) == ("identity", "")
    assert near.statement == "Office"
    assert near.conditions == (
        "IpAddress aws:SourceIp [203.0.113.0/24] did not hold (the request's value: 198.51.100.7)",
    )


def test_why_not_names_the_ceiling() -> None:
    decision = decide(SESSION, identity=(READ,), session=NOTHING)
    assert [reason.layer for reason in decision.because] == ["session"]
    across = decide(FOREIGN, identity=(READ,), resource=to(OWN))
    assert [reason.layer for reason in across.because] == ["resource"]


NEEDS_IP = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}


def test_an_unknown_key_makes_it_depend() -> None:
    decision = decide(USER, {"aws:SourceIp": UNKNOWN}, identity=(policy(NEEDS_IP),))
    assert (decision.outcome, decision.depends_on, decision.allowed) == ("depends", ("aws:SourceIp",), False)
    (reason,) = decision.because
    assert "cannot be known" in reason.conditions[0]


@pytest.mark.parametrize(
    ("layers", "outcome"),
    [
        # Allowed or denied either way: no doubt.
        ({"identity": (READ, policy(NEEDS_IP))}, "allowed"),
        ({"identity": (policy(NEEDS_IP), DENY)}, "explicitly_denied"),
        ({"identity": (policy({"Effect": "Deny", **NEEDS_IP}),)}, "implicitly_denied"),
        ({"identity": (policy(NEEDS_IP),), "scps": ((NOTHING,),)}, "implicitly_denied"),
        ({"identity": (READ, policy({"Effect": "Deny", **NEEDS_IP}))}, "depends"),
        ({"identity": (READ,), "session": policy(NEEDS_IP)}, "depends"),
    ],
)
def test_unknown_keys_matter_only_where_they_decide(layers: dict[str, Any], outcome: str) -> None:
    assert decide(SESSION, {"aws:SourceIp": UNKNOWN}, **layers).outcome == outcome


def test_a_canonical_user_is_a_dependency() -> None:
    decision = decide(FOREIGN, identity=(READ,), resource=policy({"Principal": {"CanonicalUser": "79a5"}}))
    assert (decision.outcome, decision.depends_on) == ("depends", ("CanonicalUser",))
