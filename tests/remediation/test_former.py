"""R18 says how what it leaves compares with the policy before the attack."""

from __future__ import annotations

from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.former import compared

BUCKET = "acme-payroll"
WHEN = "2026-11-01T00:00:00.225615+00:00"


def statement(sid: str, **members: Any) -> dict[str, Any]:
    partner = {"AWS": "arn:aws:iam::444455556666:root"}
    return {"Sid": sid, "Effect": "Allow", "Principal": partner, "Action": "s3:GetObject"} | {
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        **members,
    }


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


PARTNER, OPEN = statement("Partner"), statement("Open", Principal="*")


def warnings(policy: dict[str, Any], former: dict[str, Any]) -> list[str]:
    """Those of R18 for a policy that AWS shows now."""
    row = remediation("R18")
    target = row.target("111122223333", "us-east-1", {"bucket": BUCKET})
    context = PlanContext("inc-0001", former=former)
    made = row.plan(target, {"Bucket": BUCKET, "Policy": policy}, context)
    return [one for one in made.warnings if "AWS Config" in one]


def was(policy: dict[str, Any] | None, bucket: str = BUCKET) -> dict[str, Any]:
    return {"bucket": bucket, "captured_at": WHEN, "policy": policy}


def test_what_is_left_is_what_was_there() -> None:
    many = statement(
        "Partner", Action=["s3:GetObject"], Principal={"AWS": ["arn:aws:iam::444455556666:root"]}
    )
    (told,) = warnings(document(PARTNER, OPEN), was(document(many)))
    said = "AWS Config's last version before the attack (2026-11-01 00:00:00 UTC)"
    assert told == f"{said} was the policy that this leaves."


def test_what_the_attacker_took_out_and_what_else_was_put_in_is_named() -> None:
    (told,) = warnings(document(PARTNER, OPEN), was(document(statement("TlsOnly", Effect="Deny"))))
    assert "was another: TlsOnly was there and is not brought back; Partner was not there and stays" in told


def test_a_former_policy_that_is_not_known_is_said_so() -> None:
    (told,) = warnings(document(OPEN), was(None))
    assert "shows no policy that can be read" in told


@pytest.mark.parametrize("former", [{}, was(document(PARTNER), bucket="another")])
def test_nothing_is_said_of_what_nobody_knows(former: dict[str, Any]) -> None:
    assert warnings(document(OPEN), former) == []


@pytest.mark.parametrize("policy", [{"Statement": 3}, {"Version": "x"}, {"Statement": [{"Effect": "Maybe"}]}])
def test_whatever_the_record_holds_is_borne(policy: dict[str, Any]) -> None:
    assert list(compared(BUCKET, document(PARTNER), was(policy)))
