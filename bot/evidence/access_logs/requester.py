"""Who made a request, from the little that an access log says of it.

Sources: S3 User Guide, "Server access log format", Requester (canonical user id, IAM user or assumed-role
ARN, `-` for unsigned requests); seen in logs beside them: `AmazonS3` (lifecycle) and `svc:NAME` (AWS
services). A canonical user id stands for an account's root user; the bucket owner's for its own.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

from bot.evidence.access_logs.line import AccessLogLine
from bot.evidence.identity import Identity, identify

#: The name CloudTrail has for S3 acting by itself.
S3_ITSELF = "s3.amazonaws.com"

_CANONICAL = re.compile(r"[0-9a-f]{64}")
_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?:iam|sts)::(?P<account>[^:]*):(?P<kind>[^/]*)/?(?P<rest>.*)")
_KINDS = {"user": "IAMUser", "assumed-role": "AssumedRole", "federated-user": "FederatedUser", "root": "Root"}

#: What is read of a query string, by its name in lower case: what was asked for, and who signed.
_READ = frozenset(
    {
        "prefix",
        "delimiter",
        "list-type",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "awsaccesskeyid",
        "expires",
    }
)

Query = Mapping[str, str]


def query_of(line: AccessLogLine) -> Query:
    """The parameters of the Request-URI that tell something, decoded; the first of each name, in lower case.

    Signatures and session tokens are not among them.
    """
    uri = line.request_uri
    if uri is None or "?" not in uri:
        return {}
    found: dict[str, str] = {}
    for pair in uri.split(" ")[1].partition("?")[2].split("&") if " " in uri else ():
        name, _, value = pair.partition("=")
        name = (unquote_plus(name) if "%" in name else name).lower()
        if name in _READ:
            found.setdefault(name, unquote_plus(value))
    return found


def signing_key(query: Query) -> str | None:
    """The access key id that a presigned URL names (SigV4, SigV2): who signed it, if the signature held."""
    credential = query.get("x-amz-credential", "").split("/")[0]
    return credential or query.get("awsaccesskeyid") or None


def identity_of(line: AccessLogLine, query: Query) -> Identity:
    """The maker of a request, as CloudTrail would name it as far as the log allows.

    There is no access key in access logs, but in presigned URLs. It counts only where S3 named a
    requester: anybody can write another's key id into a URL that is then refused.
    """
    key = signing_key(query) if query and line.requester is not None else None
    return _identity(line.requester, line.owner, key)


@lru_cache(maxsize=16384)
def _identity(requester: str | None, owner: str, key: str | None) -> Identity:
    if requester is None:
        return identify({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}, "")
    if requester == "AmazonS3" or requester.startswith("svc:"):
        return _service(S3_ITSELF if requester == "AmazonS3" else requester.removeprefix("svc:"))
    match = _ARN.fullmatch(requester)
    return _canonical(requester, owner, key) if match is None else _named(requester, match, key)


def _service(name: str) -> Identity:
    return Identity(principal=name, type="AWSService", invoked_by=name)


def _canonical(requester: str, owner: str, key: str | None) -> Identity:
    known = _CANONICAL.fullmatch(requester) is not None
    return Identity(
        principal=f"canonical user {requester}" if known else requester,
        type="Root" if known and requester == owner else "AWSAccount" if known else "Unknown",
        principal_id=requester,
        access_key=key,
    )


def _named(arn: str, match: re.Match[str], key: str | None) -> Identity:
    kind = _KINDS.get(match["kind"], "Unknown")
    names = match["rest"].split("/")
    is_session = kind == "AssumedRole" and len(names) > 1
    return Identity(
        principal=arn,
        type=kind,
        account=match["account"] or None,
        access_key=key,
        user_name=names[-1] if kind == "IAMUser" else None,
        issuer=role_arn(match["partition"], match["account"], names[0]) if is_session else None,
        session_name=names[-1] if is_session else None,
    )


def role_arn(partition: str, account: str, name: str) -> str:
    """The role behind a session. A session's ARN does not tell the role's path: it is left out."""
    return f"arn:{partition}:iam::{account}:role/{name}"
