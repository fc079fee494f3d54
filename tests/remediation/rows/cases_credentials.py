"""The cases of the credentials' rows that change IAM."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from bot.policy.recorded import Recorded
from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.plan import Plan, State
from tests.aws.account import ACCOUNT, REGION, Account, policy_text
from tests.remediation.rows.cases import (
    CONTEXT,
    POLICIES,
    TLS,
    Case,
    new_bucket,
    new_role,
    other_policy,
    policy,
    put_policy,
)

# -- who may assume a role -----------------------------------------------------------------------------

PARTNER = "arn:aws:iam::444455556666:root"


def trusts(principal: Any, *, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}


def trust(*statements: dict[str, Any]) -> State:
    return {"Trust": {"Version": "2012-10-17", "Statement": list(statements)}}


def put_trust(account: Account, name: str, state: State) -> None:
    document = json.dumps(state["Trust"])
    account.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=document)


OWN = trusts({"AWS": ACCOUNT, "Service": ["ec2.amazonaws.com"]})
OUTSIDE = trusts({"AWS": [PARTNER, f"arn:aws:iam::{ACCOUNT}:root"]})
EVERYBODY = trusts({"AWS": "*"})
ORGANIZATION = trusts({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
GOOGLE = {**trusts({"Federated": "accounts.google.com"}), "Action": "sts:AssumeRoleWithWebIdentity"}
DENY = trusts({"AWS": PARTNER}, effect="Deny")
_KEPT = st.lists(st.sampled_from([OWN, ORGANIZATION, DENY]), unique_by=repr)
RESTRICT_TRUST = Case(
    "R6",
    make=new_role,
    states=st.builds(
        lambda kept, out: trust(*kept[:1], *out, *kept[1:]),
        _KEPT,
        st.lists(st.sampled_from([OUTSIDE, EVERYBODY, GOOGLE]), unique_by=repr, min_size=1),
    ),
    put=put_trust,
    drift=lambda account, name: put_trust(account, name, trust(OWN, DENY)),
    examples=(trust(OWN, OUTSIDE, EVERYBODY),),
    wanted=lambda _, name: {"role": name},
    known=lambda name: ({"role": name}, {"Role": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}),
)

# -- what the attacker created -------------------------------------------------------------------------

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
_PASSWORD = "Correct-horse-7-battery"


def _inline(iam: Any, name: str) -> None:
    iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=policy_text("s3:*"))


def _join(iam: Any, name: str) -> None:
    iam.create_group(GroupName=f"{name}-group")
    iam.add_user_to_group(GroupName=f"{name}-group", UserName=name)


def device_of(iam: Any, name: str) -> str:
    """A virtual device that is the user's."""
    serial: str = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName=name, SerialNumber=serial, **codes)
    return serial


def _certificate() -> str:
    """Signed by itself, as IAM takes it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=365))
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


HANGING: dict[str, Any] = {
    "inline": _inline,
    "key": lambda iam, name: iam.create_access_key(UserName=name),
    "password": lambda iam, name: iam.create_login_profile(UserName=name, Password=_PASSWORD),
    "group": _join,
    "device": device_of,
    "ssh": lambda iam, name: iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody="ssh-rsa AAAA"),
    "certificate": lambda iam, name: iam.upload_signing_certificate(
        UserName=name, CertificateBody=_certificate()
    ),
    "service": lambda iam, name: iam.create_service_specific_credential(
        UserName=name, ServiceName="codecommit.amazonaws.com"
    ),
    "attached": lambda iam, name: iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY),
}


def _user(account: Account, name: str, parts: Sequence[str] = ()) -> dict[str, str]:
    """A user whom R2 has stopped already."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=DENY_ALL)
    for part in parts:
        HANGING[part](iam, name)
    return {"user": name}


def _role(account: Account, name: str) -> dict[str, str]:
    iam = account.client("iam")
    new_role(account, name)
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    iam.create_instance_profile(InstanceProfileName=f"{name}-profile")
    iam.add_role_to_instance_profile(InstanceProfileName=f"{name}-profile", RoleName=name)
    return {"role": name}


def _group(account: Account, name: str) -> dict[str, str]:
    iam = account.client("iam")
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="work", PolicyDocument=policy_text("s3:*"))
    iam.attach_group_policy(GroupName=name, PolicyArn=READ_ONLY)
    iam.create_user(UserName=f"{name}-member")
    iam.add_user_to_group(GroupName=name, UserName=f"{name}-member")
    return {"group": name}


def _policy(account: Account, name: str) -> dict[str, str]:
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy_text("s3:*"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy_text("*"), SetAsDefault=True)
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    new_role(account, name)
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    iam.create_group(GroupName=name)
    iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    return {"policy_arn": arn}


def _saml(account: Account, name: str) -> dict[str, str]:
    made = account.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument="<x/>" * 300)
    return {"identity_provider": made["SAMLProviderArn"]}


def _oidc(account: Account, name: str) -> dict[str, str]:
    url = f"https://{name}.example.com/id"
    account.client("iam").create_open_id_connect_provider(Url=url, ThumbprintList=["a" * 40])
    return {"identity_provider": url}


def _credential(part: str, parameter: str, listing: str) -> Any:
    """A credential of a user who stays; an access key is off already."""

    def made(account: Account, name: str) -> dict[str, str]:
        iam = account.client("iam")
        _user(account, name, [part])
        shown = getattr(iam, listing)(UserName=name)
        ((which,),) = [
            [value for key, value in one.items() if key.endswith("Id")]
            for listed in shown.values()
            if isinstance(listed, list)
            for one in listed
        ]
        if part == "key":
            iam.update_access_key(UserName=name, AccessKeyId=which, Status="Inactive")
        return {"user": name, parameter: which}

    return made


#: By the kind that the plan's state names: how one is made, and what a proposal then says.
MAKES: dict[str, Any] = {
    "user": _user,
    "role": _role,
    "group": _group,
    "policy": _policy,
    "identity provider": _saml,
    "access key": _credential("key", "access_key_id", "list_access_keys"),
    "SSH key": _credential("ssh", "ssh_key_id", "list_ssh_public_keys"),
    "signing certificate": _credential("certificate", "certificate_id", "list_signing_certificates"),
    "service credential": _credential(
        "service", "service_credential_id", "list_service_specific_credentials"
    ),
}
_WANTED: dict[str, dict[str, str]] = {}


def _made(account: Account, name: str, state: State) -> None:
    if "Parts" in state:
        _WANTED[name] = _user(account, name, state["Parts"])
    else:
        _WANTED[name] = (_oidc if "Oidc" in state else MAKES[state["Kind"]])(account, name)


def _with(*parts: str) -> State:
    return {"Kind": "user", "Parts": parts}


_AT = {"CreateDate": "2026-01-01T00:00:00+00:00"}
_EMPTY: dict[str, Any] = {"InlinePolicies": {}, "AttachedPolicies": {}}
_IAM = f"arn:aws:iam::{ACCOUNT}:"
#: What each kind exports, without AWS: what a proposal says, and the export.
OFFLINE: tuple[tuple[dict[str, str], dict[str, Any]], ...] = (
    (
        {"user": "acme"},
        {
            **{part: {} for part in ("LoginProfile", "MFADevices", "SSHPublicKeys", "SigningCertificates")},
            **{part: {} for part in ("AccessKeys", "ServiceSpecificCredentials", "Groups")},
            "VirtualMFADevices": {f"{_IAM}mfa/acme": {}},
            "User": {"Arn": f"{_IAM}user/acme", **_AT},
            "InlinePolicies": {"work": json.loads(policy_text("s3:*"))},
            "AttachedPolicies": {DENY_ALL: "AWSDenyAll"},
        },
    ),
    (
        {"role": "acme"},
        {
            "Role": {"Arn": f"{_IAM}role/acme", **_AT},
            **_EMPTY,
            "InstanceProfiles": {"acme": f"{_IAM}instance-profile/acme"},
        },
    ),
    ({"group": "acme"}, {"Group": {"Arn": f"{_IAM}group/acme", **_AT}, **_EMPTY, "Members": {}}),
    (
        {"policy_arn": f"{_IAM}policy/acme"},
        {
            "Policy": {"DefaultVersionId": "v2", **_AT},
            "BoundaryOf": 0,
            "AttachedTo": {},
            "Versions": {"v1": {}, "v2": {}},
        },
    ),
    ({"identity_provider": "acme"}, {"Provider": _AT}),
    (
        {"user": "acme", "access_key_id": "AKIAEXAMPLEEXAMPLE12"},
        {"UserArn": f"{_IAM}user/acme", "Credential": {"Status": "Inactive", **_AT}},
    ),
)


class CreatedCase(Case):
    """A case of many kinds of things."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind = remediation(self.row)
        for wanted, export in OFFLINE:
            target = kind.target(ACCOUNT, REGION, wanted)
            yield kind.plan(target, {"Kind": "", "Name": target.label, "Export": export}, CONTEXT)


DELETE_CREATED = CreatedCase(
    "R10",
    make=lambda *_: None,
    states=st.lists(st.sampled_from(sorted(HANGING)), unique=True, max_size=4).map(lambda some: _with(*some))
    | st.sampled_from([{"Kind": kind} for kind in MAKES if kind != "user"])
    | st.just({"Kind": "identity provider", "Oidc": True}),
    put=_made,
    drift=lambda account, name: account.client("iam").create_access_key(UserName=name),
    examples=(
        _with("inline", "key", "group"),
        _with(*HANGING),
        *({"Kind": kind} for kind in MAKES if kind != "user"),
        {"Kind": "identity provider", "Oidc": True},
    ),
    shown=lambda state: {"Kind": state["Kind"]},
    wanted=lambda _, name: _WANTED[name],
)

# -- rights that were given ----------------------------------------------------------------------------


def allow(sid: str, action: str = "s3:*") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


OLD, ADDED = allow("Old", "s3:GetObject"), allow("Added", "*")
BOTH = document(OLD, ADDED)


def holder(iam: Any, kind: str, name: str) -> dict[str, str]:
    """A user, role or group; IAM's parameter for it."""
    if kind == "role":
        trusted = json.dumps(document(trusts({"AWS": ACCOUNT})))
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
    else:
        getattr(iam, f"create_{kind}")(**{f"{kind.title()}Name": name})
    return {f"{kind.title()}Name": name}


def given_inline(account: Account, name: str, kind: str, statement: str = "") -> dict[str, str]:
    iam = account.client("iam")
    who = holder(iam, kind, name)
    getattr(iam, f"put_{kind}_policy")(**who, PolicyName="work", PolicyDocument=json.dumps(BOTH))
    return {kind: name, "policy": "work", **({"statement": statement} if statement else {})}


def given_attached(account: Account, name: str, kind: str) -> dict[str, str]:
    iam = account.client("iam")
    getattr(iam, f"attach_{kind}_policy")(**holder(iam, kind, name), PolicyArn=READ_ONLY)
    return {kind: name, "policy_arn": READ_ONLY}


def given_membership(account: Account, name: str) -> dict[str, str]:
    iam = account.client("iam")
    iam.add_user_to_group(**holder(iam, "user", name), **holder(iam, "group", name))
    return {"user": name, "group": name}


def given_versions(account: Account, name: str, count: int, **wanted: str) -> dict[str, str]:
    """A policy attached to a role whose last version, in force, the attacker made."""
    iam = account.client("iam")
    text = json.dumps(document(OLD))
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
    for number in range(count - 1):
        last = number == count - 2
        text = json.dumps(BOTH if last else document(OLD))
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=last)
    iam.attach_role_policy(**holder(iam, "role", name), PolicyArn=arn)
    return {"policy_arn": arn, **wanted}


GIVES: dict[str, Any] = {
    "fifth version": lambda account, name: given_versions(account, name, 5, statement="Added"),
    "version": lambda account, name: given_versions(account, name, 3, version="v3"),
    "statement of a version": lambda account, name: given_versions(account, name, 2, statement="2"),
    "statement of a user": lambda account, name: given_inline(account, name, "user", "Added"),
    "user": lambda account, name: given_inline(account, name, "user"),
    "role": lambda account, name: given_inline(account, name, "role", "Added"),
    "whole of a role": lambda account, name: given_inline(account, name, "role"),
    "group": lambda account, name: given_inline(account, name, "group", "2"),
    "whole of a group": lambda account, name: given_inline(account, name, "group"),
    "attached to a role": lambda account, name: given_attached(account, name, "role"),
    "attached to a group": lambda account, name: given_attached(account, name, "group"),
    "membership": given_membership,
}
BY_HAND = {"attached to a user": lambda account, name: given_attached(account, name, "user")}


def _given(account: Account, name: str, state: State) -> None:
    _WANTED[name] = {**GIVES, **BY_HAND}[state["Given"]](account, name)


def another_version(account: Account, arn: str) -> None:
    """Somebody puts one more version in force."""
    iam = account.client("iam")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document(ADDED)), SetAsDefault=True)


_VERSION = {"CreateDate": "2026-01-01T00:00:00+00:00", "Document": document(OLD)}
#: Without AWS: what a proposal says, and the state.
RIGHTS: tuple[tuple[dict[str, str], State], ...] = (
    (
        {"policy_arn": f"{_IAM}policy/acme", "statement": "Added"},
        {
            "PolicyArn": f"{_IAM}policy/acme",
            "Default": "v5",
            "Document": BOTH,
            "Versions": {f"v{number}": _VERSION for number in range(1, 6)},
            "Deletes": None,
            "AttachedTo": {"role/acme": f"{_IAM}role/acme"},
        },
    ),
    (
        {"policy_arn": f"{_IAM}policy/acme", "version": "v2"},
        {
            "PolicyArn": f"{_IAM}policy/acme",
            "Default": "v2",
            "Document": BOTH,
            "Versions": {"v1": _VERSION, "v2": {**_VERSION, "Document": BOTH}},
            "Deletes": None,
            "AttachedTo": {},
        },
    ),
    *(
        (
            {kind: "acme", "policy": "work", **more},
            {"Arn": f"{_IAM}{kind}/acme", "PolicyName": "work", "Document": BOTH},
        )
        for kind in ("user", "role", "group")
        for more in ({}, {"statement": "Added"})
    ),
    *(
        (
            {kind: "acme", "policy_arn": READ_ONLY},
            {"Arn": f"{_IAM}{kind}/acme", "PolicyArn": READ_ONLY, "Attached": True},
        )
        for kind in ("role", "group")
    ),
    (
        {"user": "acme", "group": "team"},
        {"Arn": f"{_IAM}user/acme", "GroupArn": f"{_IAM}group/team", "Member": True},
    ),
)


class RightsCase(Case):
    """A case of many ways of giving rights."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind = remediation(self.row)
        for wanted, state in RIGHTS:
            yield kind.plan(kind.target(ACCOUNT, REGION, wanted), state, CONTEXT)


TAKE_BACK_RIGHTS = RightsCase(
    "R11",
    make=lambda *_: None,
    states=st.sampled_from([{"Given": one} for one in GIVES]),
    put=_given,
    drift=another_version,
    examples=tuple({"Given": one} for one in (*GIVES, *BY_HAND)),
    shown=lambda _: {},
    wanted=lambda _, name: _WANTED[name],
)

# -- what stops a user ---------------------------------------------------------------------------------

_QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


def _known_user(**more: Any) -> Any:
    return lambda name: ({"user": name}, {"User": name, "Arn": f"{_IAM}user/{name}", **more})


QUARANTINE_USER = Case(
    "R3",
    make=lambda account, name: account.user(name),
    states=st.just({"QuarantineAttached": False}),
    put=lambda *_: None,
    drift=lambda account, name: account.client("iam").attach_user_policy(
        UserName=name, PolicyArn=_QUARANTINE
    ),
    examples=({"QuarantineAttached": False},),
    wanted=lambda _, name: {"user": name},
    known=_known_user(RoomForPolicy=True),
)


def bound(account: Account, name: str, state: State) -> None:
    """The user with that boundary, and with room for another inline policy or without."""
    iam = account.client("iam")
    if state["Boundary"]:
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=state["Boundary"])
    if not state["Room"]:
        wide = document({**ADDED, "Action": [f"s3:{'x' * 90}{number}" for number in range(19)]})
        iam.put_user_policy(UserName=name, PolicyName="wide", PolicyDocument=json.dumps(wide))
    if state["DenyPolicy"]:
        text = json.dumps(state["DenyPolicy"])
        iam.put_user_policy(UserName=name, PolicyName="S3IncidentDenyAll", PolicyDocument=text)


def _stopped(*, room: bool, boundary: str | None = None, deny: dict[str, Any] | None = None) -> State:
    return {"DenyPolicy": deny, "Boundary": boundary, "Room": room}


DENY_INLINE = Case(
    "R4",
    make=lambda account, name: account.user(name),
    states=st.sampled_from(
        [
            _stopped(room=True),
            _stopped(room=True, boundary=READ_ONLY),
            _stopped(room=True, deny=document(OLD)),
            _stopped(room=False),
            _stopped(room=False, boundary=READ_ONLY),
        ]
    ),
    put=bound,
    drift=lambda account, name: bound(account, name, _stopped(room=True, boundary=_QUARANTINE)),
    examples=(
        _stopped(room=True),
        _stopped(room=False),
        _stopped(room=False, boundary=READ_ONLY),
    ),
    wanted=lambda _, name: {"user": name},
    known=_known_user(),
)

# -- one session ---------------------------------------------------------------------------------------


def _bucket_and_role(account: Account, name: str) -> None:
    new_bucket(account, name)
    new_role(account, f"{name}-role")


def _policy_of(account: Account, name: str, state: State) -> None:
    put_policy(account, name, {"Policy": state["Policy"]})
    session = f"assumed-role/{name}-role/thief"
    role = account.client("iam").get_role(RoleName=f"{name}-role")["Role"]["RoleId"]
    _WANTED[name] = {
        "bucket": name,
        "session": f"{role}:thief" if state.get("ById") else f"arn:aws:sts::{ACCOUNT}:{session}",
    }


_USER_ID = "AROAEXAMPLEEXAMPLE123:thief"
DENY_SESSION = Case(
    "R7",
    make=_bucket_and_role,
    states=st.builds(lambda state, by_id: {**state, "ById": by_id}, POLICIES, st.booleans()),
    put=_policy_of,
    drift=other_policy,
    examples=(policy(TLS), policy(), {**policy(TLS), "ById": True}),
    shown=lambda state: {"Policy": state["Policy"]},
    wanted=lambda _, name: _WANTED[name],
    known=lambda name: (
        {"bucket": name, "session": _USER_ID},
        {"Bucket": name, "UserId": _USER_ID, "Role": None},
    ),
)

# -- a password, and devices ---------------------------------------------------------------------------


def _person(account: Account, name: str, state: State) -> None:
    account.user(name)
    iam = account.client("iam")
    iam.create_login_profile(UserName=name, Password=_PASSWORD)
    serial = device_of(iam, name)
    _WANTED[name] = {"user": name, **({"mfa_device": serial} if "Device" in state else {})}


def _drop(account: Account, name: str) -> None:
    account.client("iam").delete_login_profile(UserName=name)


_SERIAL = f"{_IAM}mfa/acme"


class PersonCase(Case):
    """A case of a password, and of a device."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind = remediation(self.row)
        user = {"User": name, "Arn": f"{_IAM}user/{name}"}
        for more, state in (
            ({}, {"LoginProfile": {**_AT, "PasswordResetRequired": False}}),
            ({"mfa_device": _SERIAL}, {"Enabled": "2026-01-01T00:00:00+00:00"}),
        ):
            target = kind.target(ACCOUNT, REGION, {"user": name, **more})
            yield kind.plan(target, {**user, **state}, CONTEXT)


REMOVE_CONSOLE_PASSWORD = PersonCase(
    "R8",
    make=lambda *_: None,
    states=st.sampled_from([{}, {"Device": True}]),
    put=_person,
    drift=_drop,
    examples=({}, {"Device": True}),
    shown=lambda _: {},
    wanted=lambda _, name: _WANTED[name],
)

# -- what was used -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Requests:
    """What the evidence tells of."""

    made: tuple[Recorded, ...]
    unseen: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Recorded]:
        return iter(self.made)


def recorded(arn: str, action: str, resource: str, *, attacker: bool = False, **more: Any) -> Recorded:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Recorded(arn, action, resource, at, allowed=True, issuer=arn, attacker=attacker, **more)


def suspect(*arns: str, log: Requests) -> PlanContext:
    """All that these suspects did is known."""
    seen = tuple(Observed(arn, None, "suspect", (), (), 1, None) for arn in arns)
    return replace(CONTEXT, observed=seen, log=log, hours=72.0)


def used_by(name: str) -> PlanContext:
    """A user or role of that name: reads in one folder, and deletes by the attacker."""
    arns = (f"{_IAM}user/{name}", f"{_IAM}role/{name}")
    made = [
        one
        for arn in arns
        for one in (
            recorded(arn, "s3:GetObject", "arn:aws:s3:::acme/in/a.csv"),
            recorded(arn, "s3:DeleteObject", "arn:aws:s3:::acme/in/a.csv", attacker=True),
        )
    ]
    return suspect(*arns, log=Requests(tuple(made)))


WIDE = {
    "user": lambda account, name: given_inline(account, name, "user"),
    "role": lambda account, name: given_inline(account, name, "role"),
    "fifth version": lambda account, name: {"policy_arn": given_versions(account, name, 5)["policy_arn"]},
}


class NarrowCase(Case):
    """A case of inline and managed policies."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind = remediation(self.row)
        managed = {**RIGHTS[0][1], "AttachedTo": {f"role/{name}": f"{_IAM}role/{name}"}}
        states = (
            ({"user": name, "policy": "work"}, {"Arn": f"{_IAM}user/{name}"}),
            ({"role": name, "policy": "work"}, {"Arn": f"{_IAM}role/{name}"}),
        )
        for wanted, who in states:
            target = kind.target(ACCOUNT, REGION, wanted)
            state = {**who, "PolicyName": "work", "Document": BOTH}
            yield kind.plan(target, state, used_by(name))
        target = kind.target(ACCOUNT, REGION, {"policy_arn": managed["PolicyArn"]})
        yield kind.plan(target, managed, used_by(name))


def _wide(account: Account, name: str, state: State) -> None:
    _WANTED[name] = WIDE[state["Wide"]](account, name)


def _other_work(account: Account, name: str) -> None:
    """Somebody writes another policy of the same name."""
    text = json.dumps(document(OLD))
    account.client("iam").put_user_policy(UserName=name, PolicyName="work", PolicyDocument=text)


LEAST_PRIVILEGE = NarrowCase(
    "R12",
    make=lambda *_: None,
    states=st.sampled_from([{"Wide": one} for one in WIDE]),
    put=_wide,
    drift=_other_work,
    examples=tuple({"Wide": one} for one in WIDE),
    shown=lambda _: {},
    context=used_by,
    wanted=lambda _, name: _WANTED[name],
)

CASES: tuple[Case, ...] = (
    RESTRICT_TRUST,
    DELETE_CREATED,
    TAKE_BACK_RIGHTS,
    QUARANTINE_USER,
    DENY_INLINE,
    DENY_SESSION,
    REMOVE_CONSOLE_PASSWORD,
    LEAST_PRIVILEGE,
)
