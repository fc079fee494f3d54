"""The cases of R24, R25 and R26: access points, those of several Regions, access grants."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from bot.remediation.plan import State
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.rows.cases import Case, new_bucket

OUTSIDE = "444455556666"


def control(account: Account, region: str = REGION) -> Any:
    """S3 Control as the account's owner calls it; botocore puts the account before the host."""
    client = account.client("s3control", region=region)
    client.meta.events.register("before-sign.s3-control", _without_account, "without-account")
    return client


def _without_account(request: Any, **_: object) -> None:
    request.url = request.url.replace(f"//{ACCOUNT}.", "//")


# -- R24: access points --------------------------------------------------------------------------------


def statement(
    sid: str, principal: Any, arn: str = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/acme-*"
) -> Any:
    body = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return {**body, "Resource": f"{arn}/object/*"}


THEIRS = statement("Partner", {"AWS": f"arn:aws:iam::{OUTSIDE}:root"})
ANYONE = statement("Cdn", "*")
OWN = statement("Own", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
WITHIN = {**statement("Within", "*"), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}
NO_WRITES = {**OWN, "Sid": "NoWrites", "Effect": "Deny", "Action": "s3:PutObject"}


def policy(*statements: dict[str, Any]) -> State:
    return {"AccessPointPolicy": {"Version": "2012-10-17", "Statement": list(statements)}}


OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)


def new_access_point(account: Account, name: str) -> None:
    """One of the same name as its bucket, which takes public policies."""
    new_bucket(account, name)
    account.client("s3").delete_public_access_block(Bucket=name)
    control(account).create_access_point(
        AccountId=ACCOUNT, Name=name, Bucket=name, PublicAccessBlockConfiguration=OPEN
    )


def put_policy(account: Account, name: str, state: State) -> None:
    text = json.dumps(state["AccessPointPolicy"])
    control(account).put_access_point_policy(AccountId=ACCOUNT, Name=name, Policy=text)


_MORE = st.lists(st.sampled_from([OWN, WITHIN, NO_WRITES]), unique_by=repr)
_BAD = st.lists(st.sampled_from([THEIRS, ANYONE]), unique_by=repr, min_size=1)
ACCESS_POINT_POLICY = Case(
    "R24",
    make=new_access_point,
    states=st.builds(lambda more, bad: policy(*more[:1], *bad, *more[1:]), _MORE, _BAD),
    put=put_policy,
    drift=lambda account, name: put_policy(account, name, policy({**THEIRS, "Action": "s3:*"})),
    examples=(policy(OWN, THEIRS, NO_WRITES), policy(ANYONE)),
    wanted=lambda _, name: {"bucket": name, "access_point": name},
    known=lambda name: (
        {"bucket": name, "access_point": name},
        {"AccessPoint": name, "Bucket": name},
    ),
)

# -- R25: multi-Region access points -------------------------------------------------------------------

HOME = "us-west-2"
_ANY = f"arn:aws:s3::{ACCOUNT}:accesspoint/m*.mrap"


def everywhere(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "Resource": f"{_ANY}/object/*"}


def new_multi_region(account: Account, name: str) -> None:
    new_bucket(account, name)
    control(account, HOME).create_multi_region_access_point(
        AccountId=ACCOUNT,
        ClientToken=name,
        Details={"Name": name, "Regions": [{"Bucket": name}], "PublicAccessBlock": OPEN},
    )


def put_everywhere(account: Account, name: str, state: State) -> None:
    client, text = control(account, HOME), json.dumps(state["AccessPointPolicy"])
    client.put_multi_region_access_point_policy(
        AccountId=ACCOUNT, ClientToken=f"{name} {text}"[:64], Details={"Name": name, "Policy": text}
    )
    for _ in range(2):
        client.get_multi_region_access_point_policy(AccountId=ACCOUNT, Name=name)


MULTI_REGION_ACCESS_POINT_POLICY = Case(
    "R25",
    make=new_multi_region,
    states=st.builds(
        lambda more, bad: {**policy(*map(everywhere, [*more, *bad])), "Proposed": None}, _MORE, _BAD
    ),
    put=put_everywhere,
    drift=lambda account, name: put_everywhere(
        account, name, policy(everywhere({**THEIRS, "Action": "s3:*"}))
    ),
    examples=(
        {**policy(everywhere(OWN), everywhere(THEIRS)), "Proposed": None},
        {**policy(everywhere(ANYONE)), "Proposed": None},
    ),
    wanted=lambda _, name: {"multi_region_access_point": name},
    known=lambda name: (
        {"multi_region_access_point": name},
        {"Arn": f"arn:aws:s3::{ACCOUNT}:accesspoint/mabc.mrap"},
    ),
)

# -- R26: access grants --------------------------------------------------------------------------------

#: The grant of each test's target, by the target's name.
_GRANTED: dict[str, str] = {}
_LOCATION: dict[str, str] = {}


def new_location(account: Account, name: str) -> str:
    client = control(account)
    client.create_access_grants_instance(AccountId=ACCOUNT)
    made = client.create_access_grants_location(
        AccountId=ACCOUNT, LocationScope=f"s3://{name}/*", IAMRoleArn=f"arn:aws:iam::{ACCOUNT}:role/location"
    )
    _LOCATION[name] = str(made["AccessGrantsLocationId"])
    return _LOCATION[name]


def grant(account: Account, name: str, **more: Any) -> str:
    made = control(account).create_access_grant(
        AccountId=ACCOUNT,
        AccessGrantsLocationId=_LOCATION[name],
        AccessGrantsLocationConfiguration={"S3SubPrefix": "payroll/*"},
        **{
            "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": f"arn:aws:iam::{OUTSIDE}:root"},
            "Permission": "READ",
            **more,
        },
    )
    return str(made["AccessGrantId"])


def _give(account: Account, name: str, state: State) -> None:
    _GRANTED[name] = grant(account, name, **state)


def content(location: str, bucket: str) -> dict[str, Any]:
    return {
        "AccessGrantsLocationId": location,
        "AccessGrantsLocationConfiguration": {"S3SubPrefix": "payroll/*"},
        "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": f"arn:aws:iam::{OUTSIDE}:root"},
        "Permission": "READ",
        "GrantScope": f"s3://{bucket}/payroll/*",
    }


_GRANT_ID = "a1b2c3d4-0000-4000-8000-000000000001"
DELETE_ACCESS_GRANT = Case(
    "R26",
    make=new_location,
    states=st.just({}),
    put=_give,
    drift=lambda account, one: control(account).delete_access_grant(AccountId=ACCOUNT, AccessGrantId=one),
    examples=({},),
    wanted=lambda _, name: {"grant": _GRANTED[name]},
    known=lambda name: ({"grant": _GRANT_ID}, {"Grant": content("a1b2c3d4-l", name)}),
)

CASES: tuple[Case, ...] = (ACCESS_POINT_POLICY, MULTI_REGION_ACCESS_POINT_POLICY, DELETE_ACCESS_GRANT)
