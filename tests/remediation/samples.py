"""Plans made without AWS."""

from __future__ import annotations

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.plan import Plan
from tests.aws.account import ACCOUNT, REGION
from tests.remediation.rows.every_case import CASES

CONTEXT = PlanContext("inc-0001")


def deny_all(user: str) -> Plan:
    kind = remediation("R2")
    target = kind.target(ACCOUNT, REGION, {"user": user})
    state = {"User": user, "Arn": target.id, "DenyAllAttached": False, "RoomForPolicy": True}
    return kind.plan(target, state, CONTEXT)


def deactivate(user: str, key: str) -> Plan:
    kind = remediation("R1")
    target = kind.target(ACCOUNT, REGION, {"user": user, "access_key_id": key})
    state = {"UserName": user, "Arn": target.id, "AccessKeyId": key, "Status": "Active"}
    return kind.plan(target, state, CONTEXT)


def remove_public(bucket: str) -> Plan:
    kind = remediation("R18")
    target = kind.target(ACCOUNT, REGION, {"bucket": bucket})
    everything = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    statements = [
        {"Sid": "Anyone", "Effect": "Allow", "Principal": "*", **everything},
        {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, **everything},
    ]
    state = {"Bucket": bucket, "Policy": {"Version": "2012-10-17", "Statement": statements}}
    return kind.plan(target, state, CONTEXT)


def one_of_each() -> tuple[Plan, ...]:
    """For every row, a plan of each form that its calls can take."""
    return tuple(plan for case in CASES for plan in case.plans("acme"))
