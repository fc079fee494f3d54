"""The cases of the rows that a person carries out by hand, and what that person does."""

from __future__ import annotations

import json
import shlex
from typing import Any

from botocore import xform_name
from hypothesis import strategies as st

from bot.remediation.plan import Plan, State, state_hash
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.rows.cases import EVERYBODY, FLAGS, Case, acl, grant, new_bucket, put_acl
from tests.remediation.rows.cases_protect import versioned

# -- MFA Delete ----------------------------------------------------------------------------------------


def _as_root(account: Account, name: str, plan: Plan) -> None:
    """The command of the guide, with a device and a code."""
    del plan
    account.client("s3").put_bucket_versioning(
        Bucket=name,
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
        MFA=f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device 123456",
    )


MFA_DELETE = Case(
    "R43",
    make=new_bucket,
    states=st.builds(
        lambda status: {"Status": status, "MfaDelete": False}, st.sampled_from([None, "Enabled", "Suspended"])
    ),
    put=lambda account, name, state: versioned(account, name, state["Status"]),
    drift=lambda account, name: versioned(account, name, "Suspended"),
    examples=({"Status": None, "MfaDelete": False},),
    known=lambda name: ({"bucket": name}, {"Bucket": name, "Lifecycle": False, "Root": True}),
    do=_as_root,
)


# -- buckets and endpoints ----------------------------------------------------------------------------


def lock_out(account: Account, name: str) -> None:
    everything = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nobody]})
    account.client("s3").put_bucket_policy(Bucket=name, Policy=document)


def _unlock(account: Account, name: str) -> None:
    account.client("s3").delete_bucket_policy(Bucket=name)


LOCKED_OUT_BUCKET = Case(
    "R45",
    make=new_bucket,
    states=st.just({"Readable": False}),
    put=lambda account, name, _: lock_out(account, name),
    drift=_unlock,
    examples=({"Readable": False},),
    do=lambda account, name, _: _unlock(account, name),
)


def run_aws(account: Account, text: str) -> dict[str, Any]:
    """Runs `aws SERVICE COMMAND --name value ...` as the AWS CLI would, by the account's root user."""
    words = shlex.split(text)
    assert words[0] == "aws"
    options = dict(zip(words[3::2], words[4::2], strict=True))
    client = account.client(words[1], region=options.pop("--region", REGION))
    members = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[words[2].replace("-", "_")]
    ).input_shape.members
    names = {xform_name(member, "-"): member for member in members}
    answer: dict[str, Any] = getattr(client, words[2].replace("-", "_"))(
        **{names[option.removeprefix("--")]: value for option, value in options.items()}
    )
    return answer


def commands(plan: Plan) -> list[str]:
    """The command lines of a guide."""
    return [step[step.index("aws ") :] for step in plan.guide if "aws " in step]


ENDPOINTS: dict[str, str] = {}


def new_endpoint(account: Account, name: str, service: str = "s3") -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.{service}")["VpcEndpoint"]
    ENDPOINTS[name] = ENDPOINTS[made["VpcEndpointId"]] = made["VpcEndpointId"]


def put_endpoint(account: Account, name: str, state: State) -> None:
    document = json.dumps(state["Policy"])
    account.client("ec2").modify_vpc_endpoint(VpcEndpointId=ENDPOINTS[name], PolicyDocument=document)


def endpoint_policy(*statements: dict[str, Any]) -> State:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, *statements]}
    return {"Service": f"com.amazonaws.{REGION}.s3", "Policy": document}


_QUOTED = {"Sid": "It's $HOME `id`", "Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}
VPC_ENDPOINT_POLICY = Case(
    "R31",
    make=new_endpoint,
    states=st.sampled_from([endpoint_policy(), endpoint_policy(_QUOTED)]),
    put=put_endpoint,
    drift=lambda account, name: put_endpoint(
        account, name, endpoint_policy({**_QUOTED, "Action": "s3:PutObject"})
    ),
    examples=(endpoint_policy(_QUOTED),),
    wanted=lambda _, name: {"vpc_endpoint": ENDPOINTS[name]},
    known=lambda _: ({"vpc_endpoint": "vpce-0123456789abcdef0"}, {"VpcEndpoint": "vpce-0123456789abcdef0"}),
    do=lambda account, _, plan: run_aws(account, commands(plan)[0]),
)

# -- the organization ----------------------------------------------------------------------------------


def attach_policy(account: Account, name: str, kind: str, content: str) -> None:
    organizations = account.client("organizations")
    told = {"Type": kind, "Name": name, "Description": "d", "Content": content}
    made = organizations.create_policy(**told)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=made, TargetId=ACCOUNT)


def detach_policies(account: Account) -> None:
    """All but AWS's own."""
    organizations = account.client("organizations")
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        for one in organizations.list_policies_for_target(TargetId=ACCOUNT, Filter=kind)["Policies"]:
            if one["Name"] != "FullAWSAccess":
                organizations.detach_policy(PolicyId=one["Id"], TargetId=ACCOUNT)
                organizations.delete_policy(PolicyId=one["Id"])


def attach_by_guide(account: Account, plan: Plan) -> None:
    """The two commands, with the id that the first one prints."""
    create, attach = commands(plan)
    made = run_aws(account, create)["Policy"]["PolicySummary"]["Id"]
    run_aws(account, attach.replace("POLICY_ID", made))


def _ours_in_another_form(account: Account, principal: str) -> None:
    name = f"S3Incident-{state_hash([principal, ACCOUNT])[:12]}"
    nothing = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    attach_policy(account, name, "SERVICE_CONTROL_POLICY", document)


_THIEF = f"arn:aws:iam::{ACCOUNT}:role/thief"
_BESIDE = {"AttachedTo": ACCOUNT, "Type": "SERVICE_CONTROL_POLICY", "Management": False}
CONTROL_POLICY = Case(
    "R13",
    make=lambda account, _: detach_policies(account),
    states=st.just({"Policy": None}),
    put=lambda *_: None,
    drift=_ours_in_another_form,
    examples=({"Policy": None},),
    wanted=lambda *_: {"principal": _THIEF},
    known=lambda _: ({"principal": _THIEF}, _BESIDE),
    do=lambda account, _, plan: attach_by_guide(account, plan),
)

# -- Identity Center, Trusted Advisor ------------------------------------------------------------------


def new_person(account: Account, name: str) -> None:
    account.fake.safeguards.identity_center.add(name)


def _disable(account: Account, name: str) -> None:
    account.fake.safeguards.identity_center.enable(name, enabled=False)


IDENTITY_CENTER_USER = Case(
    "R9",
    make=new_person,
    states=st.just({"Status": "ENABLED"}),
    put=lambda *_: None,
    drift=_disable,
    examples=({"Status": "ENABLED"},),
    wanted=lambda _, name: {"user": name},
    known=lambda name: (
        {"user": name},
        {"IdentityStore": "d-9067a1b2c3", "User": name, "UserId": "94482488-3041-7026-18f3-be45837cd0e4"},
    ),
    do=lambda account, name, _: _disable(account, name),
)
_CHECK = "Pfx0RwqBli"


def refresh(account: Account) -> None:
    account.client("support").refresh_trusted_advisor_check(checkId=_CHECK)


def open_bucket(account: Account, name: str, status: str) -> None:
    """Yellow or red in the check: everybody lists, or writes."""
    put_acl(account, name, acl([grant("READ" if status == "warning" else "WRITE", uri=EVERYBODY)]))
    refresh(account)


def close_bucket(account: Account, name: str) -> None:
    account.client("s3").put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(FLAGS, True)
    )
    put_acl(account, name, acl([]))
    refresh(account)


TRUSTED_ADVISOR = Case(
    "R41",
    make=new_bucket,
    states=st.sampled_from([{"Status": "warning"}, {"Status": "error"}]),
    put=lambda account, name, state: open_bucket(account, name, state["Status"]),
    drift=close_bucket,
    examples=({"Status": "warning"},),
    known=lambda name: ({"bucket": name}, {"Bucket": name, "Check": _CHECK}),
    do=lambda account, name, _: close_bucket(account, name),
)

CASES: tuple[Case, ...] = (
    *(MFA_DELETE, LOCKED_OUT_BUCKET, VPC_ENDPOINT_POLICY, CONTROL_POLICY),
    *(IDENTITY_CENTER_USER, TRUSTED_ADVISOR),
)
