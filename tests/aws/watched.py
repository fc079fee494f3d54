"""An account whose services watch: what the evidence role needs to ask them, and ways to turn them on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.aws.account import EVIDENCE_ROLE, Account, policy_text

ROLE = EVIDENCE_ROLE.rsplit("/", 1)[-1]
ASKS = [
    "guardduty:List*",
    "guardduty:Get*",
    "access-analyzer:List*",
    "access-analyzer:Get*",
    "config:Get*",
    "config:Describe*",
    "iam:Generate*",
]


def let_ask(account: Account) -> None:
    """Lets the evidence role ask all of them."""
    account.client("iam").put_role_policy(RoleName=ROLE, PolicyName="ask", PolicyDocument=policy_text(ASKS))


@contextmanager
def without(account: Account, action: str) -> Iterator[None]:
    """The evidence role lacks one permission for a while."""
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.client("iam").put_role_policy(RoleName=ROLE, PolicyName="blind", PolicyDocument=document)
    try:
        yield
    finally:
        account.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="blind")


@contextmanager
def played(client: Any, moment: datetime, source_ip: str = "198.51.100.7") -> Iterator[Any]:
    """The client's calls happen at a time of the past, from an address."""

    def mark(request: Any, **_: object) -> None:
        request.headers["x-sandbox-time"] = moment.isoformat()
        request.headers["x-sandbox-source-ip"] = source_ip

    client.meta.events.register("before-send", mark, unique_id="played")
    try:
        yield client
    finally:
        client.meta.events.unregister("before-send", unique_id="played")


def open_policy(bucket: str) -> str:
    statement = {
        "Sid": "Open",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
