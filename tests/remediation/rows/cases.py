"""For each row: states to start from, how they come about in an account, and what somebody else may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from bot.remediation.catalogue import remediation
from bot.remediation.contract import BatchOperations, PlanContext
from bot.remediation.plan import KEPT, Plan, State
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, REGION, REMEDIATION_ROLE, Account, policy_text

ORGANIZATION = "o-a1b2c3d4e5"
CONTEXT = PlanContext(
    "inc-0001",
    known={"aws:PrincipalOrgID": ORGANIZATION},
    keep=(EVIDENCE_ROLE, REMEDIATION_ROLE, f"arn:aws:iam::{ACCOUNT}:root"),
    protected=(EVIDENCE_ROLE, REMEDIATION_ROLE),
    batch=BatchOperations(7, f"arn:aws:iam::{ACCOUNT}:role/S3IncidentBatch", "acme-batch", "lists/"),
)
#: The canonical user id that moto gives every account, and another one.
OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
OTHER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
AWS_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"


@dataclass(frozen=True)
class Case:
    """One row on one target.

    Attributes:
        make: creates the target of that name. states: from which there is something to do, without the name.
        put: brings the target into such a state. drift: what somebody else does to it meanwhile.
        examples: states whose plans ask for all that the row can ask for, the one that shows most first.
        shown: what of such a state AWS shows as it is, where states only say how one comes about.
        context: what planning knows beside.
        wanted: what a proposal says. known: for plans without AWS, that and the rest of the state.
        do: for guided rows, what a person does who follows the guide.
    """

    row: str
    make: Callable[[Account, str], object]
    states: st.SearchStrategy[State]
    put: Callable[[Account, str, State], object]
    drift: Callable[[Account, str], object]
    examples: tuple[State, ...]
    shown: Callable[[State], State] = lambda state: state
    context: Callable[[str], PlanContext] = lambda _: CONTEXT
    wanted: Callable[[Account, str], Mapping[str, str]] = lambda _, name: {"bucket": name}
    known: Callable[[str], tuple[Mapping[str, str], State]] = lambda name: (
        {"bucket": name},
        {"Bucket": name},
    )
    do: Callable[[Account, str, Plan], object] | None = None

    def plans(self, name: str) -> Iterator[Plan]:
        """From its examples, without AWS."""
        wanted, rest = self.known(name)
        kind = remediation(self.row)
        for state in self.examples:
            yield kind.plan(kind.target(ACCOUNT, REGION, wanted), {**rest, **state}, CONTEXT)


def new_bucket(account: Account, name: str) -> None:
    account.client("s3").create_bucket(Bucket=name)


# -- Block Public Access -------------------------------------------------------------------------------


def grant(permission: str, *, uri: str = "", canonical: str = "") -> dict[str, Any]:
    grantee = {"Type": "Group", "URI": uri} if uri else {"ID": canonical, "Type": "CanonicalUser"}
    return {"Grantee": grantee, "Permission": permission}


OWNERS = grant("FULL_CONTROL", canonical=OWNER)
MORE_GRANTS = st.lists(
    st.sampled_from(
        [
            grant("READ", uri=EVERYBODY),
            grant("WRITE", uri=EVERYBODY),
            grant("READ", uri=AWS_USERS),
            grant("READ_ACP", canonical=OTHER),
            grant("WRITE", uri=LOG_DELIVERY),
        ]
    ),
    unique_by=repr,
)


def acl(grants: list[dict[str, Any]]) -> State:
    """As the rows sort it."""
    ordered = sorted(
        [OWNERS, *grants],
        key=lambda one: (one["Grantee"].get("ID", ""), one["Grantee"].get("URI", ""), one["Permission"]),
    )
    return {"Owner": {"ID": OWNER}, "Grants": ordered}


def put_acl(account: Account, name: str, wanted: State) -> None:
    s3 = account.client("s3")
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy=wanted)


FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_BLOCKS = st.none() | st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}).filter(
    lambda block: not all(block.values())
)


def _with_acl(block: dict[str, bool] | None, grants: list[dict[str, Any]]) -> State:
    hidden = block is not None and block["IgnorePublicAcls"]
    return {"PublicAccessBlock": block, KEPT: {"Acl": None if hidden else acl(grants)}}


def _put_block(account: Account, name: str, state: State) -> None:
    put_acl(account, name, state[KEPT]["Acl"] or acl([grant("READ", uri=EVERYBODY)]))
    if state["PublicAccessBlock"] is not None:
        account.client("s3").put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=state["PublicAccessBlock"]
        )


def _half_block(account: Account, name: str) -> None:
    account.client("s3").put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={**dict.fromkeys(FLAGS, True), "RestrictPublicBuckets": False},
    )
    account.client("s3").put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration={**dict.fromkeys(FLAGS, False), "BlockPublicAcls": True}
    )


BLOCK_PUBLIC_ACCESS = Case(
    "R19",
    make=new_bucket,
    states=st.builds(_with_acl, _BLOCKS, MORE_GRANTS),
    put=_put_block,
    drift=_half_block,
    examples=(_with_acl(None, [grant("READ", uri=EVERYBODY)]),),
)

# -- ACLs, ownership, versioning -----------------------------------------------------------------------

_PRIVATE = grant("WRITE", uri=LOG_DELIVERY)
PRIVATE_ACL = Case(
    "R21",
    make=new_bucket,
    states=st.builds(
        lambda grants: {"Acl": acl(grants), "PublicGrantsHidden": False},
        MORE_GRANTS.filter(lambda grants: any(one != _PRIVATE for one in grants)),
    ),
    put=lambda account, name, state: put_acl(account, name, state["Acl"]),
    drift=lambda account, name: put_acl(account, name, acl([grant("WRITE", uri=AWS_USERS)])),
    examples=({"Acl": acl([grant("READ", uri=EVERYBODY), _PRIVATE]), "PublicGrantsHidden": False},),
)


def _put_ownership(account: Account, name: str, ownership: str | None) -> None:
    s3 = account.client("s3")
    if ownership is None:
        s3.delete_bucket_ownership_controls(Bucket=name)
    else:
        rules = {"Rules": [{"ObjectOwnership": ownership}]}
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)


OWNER_ENFORCED = Case(
    "R23",
    make=new_bucket,
    states=st.builds(
        lambda ownership: {"Ownership": ownership, "OnlyOwnerInAcl": True},
        st.sampled_from([None, "ObjectWriter", "BucketOwnerPreferred"]),
    ),
    put=lambda account, name, state: _put_ownership(account, name, state["Ownership"]),
    drift=lambda account, name: _put_ownership(account, name, "BucketOwnerPreferred"),
    examples=({"Ownership": "ObjectWriter", "OnlyOwnerInAcl": True},),
)


def _put_versioning(account: Account, name: str, status: str | None) -> None:
    if status:
        wanted = {"Status": status}
        account.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted)


VERSIONING = Case(
    "R33",
    make=new_bucket,
    states=st.builds(
        lambda status: {"Status": status, "MfaDelete": False}, st.sampled_from([None, "Suspended"])
    ),
    put=lambda account, name, state: _put_versioning(account, name, state["Status"]),
    drift=lambda account, name: _put_versioning(account, name, "Suspended"),
    examples=({"Status": None, "MfaDelete": False},),
)

# -- users ---------------------------------------------------------------------------------------------


def _nothing(account: Account, name: str, state: State) -> None:
    """The target is made in that state."""


def _key_of(account: Account, name: str) -> str:
    keys = account.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
    return str(keys[0]["AccessKeyId"])


def _attach(account: Account, name: str) -> None:
    arn = "arn:aws:iam::aws:policy/AWSDenyAll"
    account.client("iam").attach_user_policy(UserName=name, PolicyArn=arn)


def _deactivate(account: Account, name: str) -> None:
    key = _key_of(account, name)
    account.client("iam").update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")


_KEY = "AKIAEXAMPLEEXAMPLE12"


def _user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def _new_user(account: Account, name: str) -> None:
    account.user(name)


DENY_ALL_USER = Case(
    "R2",
    make=_new_user,
    states=st.just({"DenyAllAttached": False}),
    put=_nothing,
    drift=_attach,
    examples=({"DenyAllAttached": False},),
    wanted=lambda _, name: {"user": name},
    known=lambda name: ({"user": name}, {"User": name, "Arn": _user_arn(name), "RoomForPolicy": True}),
)
DEACTIVATE_ACCESS_KEY = Case(
    "R1",
    make=_new_user,
    states=st.just({"Status": "Active"}),
    put=_nothing,
    drift=_deactivate,
    examples=({"Status": "Active"},),
    wanted=lambda account, name: {"user": name, "access_key_id": _key_of(account, name)},
    known=lambda name: (
        {"user": name, "access_key_id": _KEY},
        {"UserName": name, "Arn": _user_arn(name), "AccessKeyId": _KEY},
    ),
)

# -- roles ---------------------------------------------------------------------------------------------


def new_role(account: Account, name: str, *, path: str = "/") -> None:
    """A role that everybody of the account may assume, and that may everything in S3."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = account.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Path=path)
    iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=policy_text("s3:*"))


def revocation(until: str) -> dict[str, Any]:
    body = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}
    when = {"DateLessThan": {"aws:TokenIssueTime": until}}
    return {"Version": "2012-10-17", "Statement": [{**body, "Condition": when}]}


def put_revocation(account: Account, name: str, document: dict[str, Any] | None) -> None:
    if document is not None:
        account.client("iam").put_role_policy(
            RoleName=name, PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(document)
        )


REVOKE_SESSIONS = Case(
    "R5",
    make=new_role,
    states=st.builds(
        lambda document: {"DenyPolicy": document, "Room": True},
        st.none()
        | st.just(json.loads(policy_text("s3:GetObject")))
        | st.datetimes(datetime(2020, 1, 1), datetime(2025, 12, 31)).map(  # noqa: DTZ001
            lambda at: revocation(f"{at:%Y-%m-%dT%H:%M:%SZ}")
        ),
    ),
    put=lambda account, name, state: put_revocation(account, name, state["DenyPolicy"]),
    drift=lambda account, name: put_revocation(account, name, revocation("2021-01-01T00:00:00Z")),
    examples=({"DenyPolicy": None, "Room": True},),
    wanted=lambda _, name: {"role": name},
    known=lambda name: ({"role": name}, {"Role": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}),
)

# -- bucket policies -----------------------------------------------------------------------------------


def statement(sid: str, effect: str = "Allow", principal: Any = "*", **more: Any) -> dict[str, Any]:
    """About every bucket whose name begins as the tests' do: a state has no name in it."""
    body = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-*/*", **more}
    return {"Sid": sid, "Effect": effect, "Principal": principal, **body}


PUBLIC = statement("Anyone")
PARTNER = statement("Partner", principal={"AWS": "arn:aws:iam::444455556666:root"})
TLS = statement("Tls", "Deny", Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
OFFICE = statement("Office", Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})


def policy(*statements: dict[str, Any]) -> State:
    return {"Policy": {"Version": "2012-10-17", "Statement": list(statements)} if statements else None}


def put_policy(account: Account, name: str, state: State) -> None:
    s3 = account.client("s3")
    s3.delete_public_access_block(Bucket=name)
    if state["Policy"]:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(state["Policy"]))


def other_policy(account: Account, name: str) -> None:
    put_policy(account, name, policy(statement("Later", Action="s3:ListBucket", Resource="arn:aws:s3:::*")))


_MORE = st.lists(st.sampled_from([PARTNER, TLS, OFFICE]), unique_by=repr)
POLICIES = st.builds(lambda more: policy(*more), _MORE)
REMOVE_PUBLIC_STATEMENTS = Case(
    "R18",
    make=new_bucket,
    states=st.builds(lambda more: policy(*more[:1], PUBLIC, *more[1:]), _MORE),
    put=put_policy,
    drift=other_policy,
    examples=(policy(TLS, PUBLIC), policy(PUBLIC)),
)
THIEF = f"arn:aws:iam::{ACCOUNT}:role/thief"
DENY_PRINCIPAL = Case(
    "R14",
    make=new_bucket,
    states=POLICIES,
    put=put_policy,
    drift=other_policy,
    examples=(policy(PARTNER, TLS), policy()),
    wanted=lambda _, name: {"bucket": name, "principal": THIEF},
    known=lambda name: ({"bucket": name, "principal": THIEF}, {"Bucket": name}),
)
_NETWORKS = "203.0.113.0/24, 2001:db8::/32"
DENY_NETWORK = Case(
    "R15",
    make=new_bucket,
    states=POLICIES,
    put=put_policy,
    drift=other_policy,
    examples=(policy(PARTNER), policy()),
    wanted=lambda _, name: {"bucket": name, "networks": _NETWORKS},
    known=lambda name: ({"bucket": name, "networks": _NETWORKS}, {"Bucket": name}),
)
DENY_OUTSIDE_ORGANIZATION = Case(
    "R16",
    make=new_bucket,
    states=POLICIES,
    put=put_policy,
    drift=other_policy,
    examples=(policy(PARTNER), policy()),
    wanted=lambda _, name: {"bucket": name, "organization": ORGANIZATION},
    known=lambda name: ({"bucket": name, "organization": ORGANIZATION}, {"Bucket": name}),
)
DENY_WITHOUT_TLS = Case(
    "R17",
    make=new_bucket,
    states=POLICIES,
    put=put_policy,
    drift=other_policy,
    examples=(policy(PARTNER), policy()),
)
# -- access logging ------------------------------------------------------------------------------------


def _logs(name: str) -> str:
    return f"{name}-logs"


def _two_buckets(account: Account, name: str) -> None:
    for one in (name, _logs(name), "acme-older-logs"):
        account.client("s3").create_bucket(Bucket=one)


def put_logging(account: Account, name: str, logging: dict[str, Any] | None) -> None:
    status = {"LoggingEnabled": logging} if logging else {}
    account.client("s3").put_bucket_logging(Bucket=name, BucketLoggingStatus=status)


def _put_logs(account: Account, name: str, state: State) -> None:
    put_logging(account, name, state["Logging"])
    put_policy(account, _logs(name), {"Policy": state["LogPolicy"]})


OLDER_LOGS = {"TargetBucket": "acme-older-logs", "TargetPrefix": "all/"}
DELIVERY = statement("Logs", principal={"Service": "logging.s3.amazonaws.com"}, Action="s3:PutObject")
ACCESS_LOGGING = Case(
    "R34",
    make=_two_buckets,
    states=st.builds(
        lambda logging, made: {"Logging": logging, "LogPolicy": made["Policy"], "Unfit": None},
        st.none()
        | st.just(OLDER_LOGS)
        | st.just({**OLDER_LOGS, "TargetObjectKeyFormat": {"SimplePrefix": {}}}),
        st.lists(st.sampled_from([PARTNER, TLS, DELIVERY]), unique_by=repr).map(lambda more: policy(*more)),
    ),
    put=_put_logs,
    drift=lambda account, name: put_logging(account, name, {**OLDER_LOGS, "TargetPrefix": "other/"}),
    examples=(
        {"Logging": OLDER_LOGS, "LogPolicy": policy(TLS)["Policy"], "Unfit": None},
        {"Logging": None, "LogPolicy": None, "Unfit": None},
    ),
    wanted=lambda _, name: {"bucket": name, "log_bucket": _logs(name)},
    known=lambda name: (
        {"bucket": name, "log_bucket": _logs(name)},
        {"Bucket": name, "LogBucket": _logs(name)},
    ),
)
# -- encryption ----------------------------------------------------------------------------------------


def encrypted(algorithm: str = "AES256", key: str = "", *, bucket_key: bool = False) -> dict[str, Any]:
    by_default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    return {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": bucket_key}


def put_encryption(account: Account, name: str, rule: dict[str, Any]) -> None:
    account.client("s3").put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


OWN_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN_KEY = OWN_KEY.replace(ACCOUNT, "444455556666")
DEFAULT_ENCRYPTION = Case(
    "R35",
    make=new_bucket,
    states=st.builds(
        lambda rule: {"Rules": [rule], "Blocked": []},
        st.just(encrypted())
        | st.builds(
            encrypted,
            st.sampled_from(["aws:kms", "aws:kms:dsse"]),
            st.sampled_from([OWN_KEY, FOREIGN_KEY, "alias/payroll"]),
            bucket_key=st.booleans(),
        ),
    ),
    put=lambda account, name, state: put_encryption(account, name, state["Rules"][0]),
    drift=lambda account, name: put_encryption(account, name, encrypted("aws:kms", "alias/other")),
    examples=({"Rules": [encrypted("aws:kms", OWN_KEY)], "Blocked": []},),
)
# -- the account ---------------------------------------------------------------------------------------


def account_block(account: Account, block: dict[str, bool] | None) -> None:
    """Called as the account's owner would."""
    control = account.client("s3control")
    control.meta.events.unregister("before-sign.s3-control", _without_account, "no-account")
    control.meta.events.register("before-sign.s3-control", _without_account, "no-account")
    if block is None:
        control.delete_public_access_block(AccountId=ACCOUNT)
    else:
        control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)


def _without_account(request: Any, **_: object) -> None:
    request.url = request.url.replace(f"//{ACCOUNT}.", "//")


BLOCK_ACCOUNT_ACCESS = Case(
    "R20",
    make=new_bucket,
    states=st.builds(lambda block: {"AccountPublicAccessBlock": block}, _BLOCKS),
    put=lambda account, _, state: account_block(account, state["AccountPublicAccessBlock"]),
    drift=lambda account, _: account_block(account, {**dict.fromkeys(FLAGS, True), "BlockPublicAcls": False}),
    examples=({"AccountPublicAccessBlock": None},),
    wanted=lambda *_: {"account": ACCOUNT},
    known=lambda _: ({"account": ACCOUNT}, {"Account": ACCOUNT}),
)

CASES: tuple[Case, ...] = (
    DENY_ALL_USER,
    DEACTIVATE_ACCESS_KEY,
    REVOKE_SESSIONS,
    REMOVE_PUBLIC_STATEMENTS,
    PRIVATE_ACL,
    BLOCK_PUBLIC_ACCESS,
    OWNER_ENFORCED,
    DENY_PRINCIPAL,
    DENY_NETWORK,
    DENY_OUTSIDE_ORGANIZATION,
    DENY_WITHOUT_TLS,
    VERSIONING,
    ACCESS_LOGGING,
    DEFAULT_ENCRYPTION,
    BLOCK_ACCOUNT_ACCESS,
)
