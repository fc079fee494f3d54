"""Adds one Deny statement to a bucket policy: for a principal, outsiders, a network, requests without TLS, or
presigned URLs.

Each goes to everyone (`"Principal": "*"`) and says by condition whom it means: a policy that names a
principal which is later deleted cannot be written again, and a role's sessions are named by their role. Where
a statement of the policy does the same already, nothing is changed. Sources: IAM User Guide, "AWS global
condition context keys", "Data perimeters"; S3 User Guide, "Examples of Amazon S3 bucket policies".

Everywhere, `bucket` is its name, or its ARN where it is not in the partition `aws`; `sid` the new
statement's; a `document` of None means that there is no policy. Raises TightenError for a value of the wrong
form, SidTakenError, PolicyTooLargeError, and PolicyError for a document that is no policy.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.policy import wording
from bot.policy.change import (
    Document,
    SidTakenError,
    Tightened,
    TightenError,
    fitting,
    statements_of,
    with_statements,
)
from bot.policy.document import Condition, Statement, parse
from bot.policy.operators import network
from bot.policy.reach import covers

_BUCKET = re.compile(r"(?:arn:[\w-]+:s3:::)?[A-Za-z0-9._-]+", re.ASCII)
_SID = re.compile(r"[A-Za-z0-9-]+")
_ORGANIZATION = re.compile(r"o-[a-z0-9]+")
_VPC = re.compile(r"vpc-[0-9a-z]+")
_ACCOUNT = re.compile(r"\d{12}")
_NAME: Final = r"[\w+=,.@-]+"
_PATH: Final = rf"(?:{_NAME}/)*"
_IDENTITY = re.compile(rf"arn:[\w-]+:iam::\d{{12}}:(?:root|user/{_PATH}{_NAME})", re.ASCII)
_FEDERATED = re.compile(rf"arn:[\w-]+:sts::\d{{12}}:federated-user/{_NAME}", re.ASCII)
_ROLE = re.compile(rf"(arn:[\w-]+:iam::\d{{12}}:role/)({_PATH})({_NAME})", re.ASCII)
_SESSION = re.compile(rf"(arn:[\w-]+):sts::(\d{{12}}):assumed-role/({_NAME})/({_NAME})", re.ASCII)
_USER_ID = re.compile(rf"AROA[A-Z0-9]{{8,}}:{_NAME}", re.ASCII)

Conditions = Mapping[str, Mapping[str, Any]]


def deny_principal(document: Document | None, bucket: str, sid: str, principal: str) -> Tightened:
    """Deny one principal everything in the bucket.

    `principal` is the ARN of a user, a role (with all its sessions), one session, a federated user or a root
    user, or a 12-digit account (with all that is in it). Raises TightenError for anything else.
    """
    if _ACCOUNT.fullmatch(principal):
        conditions: Conditions = {"StringEquals": {"aws:PrincipalAccount": principal}}
        return _denied(document, bucket, sid, conditions, wording.denies_account(principal))
    if _IDENTITY.fullmatch(principal) or _FEDERATED.fullmatch(principal):
        return _denied(document, bucket, sid, _by_arn(principal), wording.denies(principal))
    if role := _ROLE.fullmatch(principal):
        # A role's name is unique in its account; what a session's ARN is made from leaves the path out.
        arns = [principal, *([role[1] + role[3]] if role[2] else [])]
        return _denied(document, bucket, sid, _by_arn(*arns), wording.denies_role(principal))
    if session := _SESSION.fullmatch(principal):
        role_arn = f"{session[1]}:iam::{session[2]}:role/"
        conditions = {
            **_by_arn(role_arn + session[3], f"{role_arn}*/{session[3]}"),
            "StringLike": {"aws:userid": f"*:{session[4]}"},
        }
        return _denied(document, bucket, sid, conditions, wording.denies_session(principal))
    raise TightenError(wording.not_a_principal(principal))


def deny_user_id(document: Document | None, bucket: str, sid: str, user_id: str) -> Tightened:
    """Deny one session and no other: `user_id` is its aws:userid, `AROA...:name`, by the unique id."""
    _check(user_id, _USER_ID, "a session's user id such as AROA1234567890EXAMPLE:name")
    conditions: Conditions = {"StringEquals": {"aws:userid": user_id}}
    return _denied(document, bucket, sid, conditions, wording.denies_session(user_id))


def deny_outside_organization(
    document: Document | None, bucket: str, sid: str, organization: str, accounts: Sequence[str] = ()
) -> Tightened:
    """Deny everyone who is neither of the organisation nor of these other `accounts`, anonymous callers too.

    AWS services that act as themselves (CloudTrail, log delivery, Config) have no organisation and are
    spared.
    """
    _check(organization, _ORGANIZATION, "an organization id such as o-a1b2c3d4e5")
    for account in accounts:
        _check(account, _ACCOUNT, "an account id of 12 digits")
    listed = {"aws:PrincipalAccount": list(accounts)} if accounts else {}
    conditions: Conditions = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization, **listed},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return _denied(
        document, bucket, sid, conditions, wording.denies_outside(organization, ", ".join(accounts))
    )


def deny_network(document: Document | None, bucket: str, sid: str, networks: Sequence[str]) -> Tightened:
    """Deny requests from these addresses or CIDR blocks (IPv4 or IPv6), whoever makes them."""
    blocks = _networks(networks)
    conditions = {"IpAddress": {"aws:SourceIp": blocks}}
    return _denied(document, bucket, sid, conditions, wording.denies_network(", ".join(blocks)))


def deny_outside_network(
    document: Document | None, bucket: str, sid: str, networks: Sequence[str], vpcs: Sequence[str] = ()
) -> Tightened:
    """Deny requests that come neither from these CIDR blocks nor through these VPCs.

    AWS services, what they call on somebody's behalf, and service-linked roles come from AWS's own addresses
    and are spared.
    """
    blocks = _networks(networks)
    for vpc in vpcs:
        _check(vpc, _VPC, "a VPC id such as vpc-1a2b3c4d")
    conditions: Conditions = {
        "NotIpAddressIfExists": {"aws:SourceIp": blocks},
        **({"StringNotEqualsIfExists": {"aws:SourceVpc": list(vpcs)}} if vpcs else {}),
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:*:iam::*:role/aws-service-role/*"},
    }
    sentence = wording.denies_outside_network(", ".join(blocks), ", ".join(vpcs))
    return _denied(document, bucket, sid, conditions, sentence)


def deny_without_tls(document: Document | None, bucket: str, sid: str) -> Tightened:
    """Deny requests that do not use TLS."""
    conditions = {"Bool": {"aws:SecureTransport": "false"}}
    return _denied(document, bucket, sid, conditions, wording.DENIES_WITHOUT_TLS)


def deny_presigned(document: Document | None, bucket: str, sid: str, minutes: int | None = None) -> Tightened:
    """Deny requests by presigned URLs, or only by those that were signed more than so many minutes ago.

    Requests that are signed in their headers are never meant. Source: S3 API Reference, "Bucket policy
    examples using condition keys" (s3:authType, s3:signatureAge in milliseconds).
    """
    old = {"NumericGreaterThan": {"s3:signatureAge": str(minutes * 60_000)}} if minutes is not None else {}
    conditions: Conditions = {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}, **old}
    return _denied(document, bucket, sid, conditions, wording.denies_presigned(minutes))


def _denied(
    document: Document | None, bucket: str, sid: str, conditions: Conditions, sentence: str
) -> Tightened:
    """The policy with the Deny as its last statement."""
    _check(bucket, _BUCKET, "the name or the ARN of a bucket")
    arn = bucket if bucket.startswith("arn:") else f"arn:aws:s3:::{bucket}"
    _check(sid, _SID, "a Sid of letters, digits and hyphens")
    body = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": conditions,
    }
    if document is None:
        return Tightened(fitting({"Version": "2012-10-17", "Statement": [body]}, "bucket"), (sentence,))
    policy, new = parse(document), parse({"Statement": body}).statements[0]
    if there := next((one for one in policy.statements if _does_it(one, new)), None):
        return Tightened(document, (wording.already_denied(there.label),), changed=False)
    if any(one.sid == sid for one in policy.statements):
        raise SidTakenError(sid)
    after = with_statements(document, [*statements_of(document), body])
    return Tightened(fitting(after, "bucket"), (sentence,))


def _does_it(there: Statement, new: Statement) -> bool:
    """Whether a statement of the policy denies all that the new one would."""
    return (
        there.effect == "Deny"
        and any(principal.is_anyone for principal in there.principals)
        and covers(there, new)
        and set(map(_meaning, there.conditions)) <= set(map(_meaning, new.conditions))
    )


def _meaning(condition: Condition) -> tuple[object, ...]:
    """What a condition says, however it is written."""
    qualifier = (condition.operator.name, condition.qualifier, condition.if_exists)
    return (*qualifier, condition.key.lower(), frozenset(condition.values))


def _by_arn(*arns: str) -> dict[str, dict[str, Any]]:
    return {"ArnLike": {"aws:PrincipalArn": arns[0] if len(arns) == 1 else list(arns)}}


def _networks(networks: Sequence[str]) -> list[str]:
    for one in networks:
        if network(one) is None:
            raise TightenError(wording.not_that(one, "an address or a CIDR block such as 203.0.113.0/24"))
    if not networks:
        raise TightenError(wording.NO_NETWORK)
    return [str(network(one)) for one in networks]


def _check(value: str, form: re.Pattern[str], what: str) -> None:
    if not form.fullmatch(value):
        raise TightenError(wording.not_that(value, what))
