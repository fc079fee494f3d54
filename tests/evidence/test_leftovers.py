"""What a suspect left behind is proposed by names that the remediation takes as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.evidence.events import event_from
from bot.evidence.proposing.leftovers import made
from bot.evidence.proposing.plan import Plan
from bot.remediation.catalogue import remediation
from tests.evidence.records import ACCOUNT, ATTACKER_IP, Log, user

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/extra"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/thief"
TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ["444455556666", ACCOUNT]}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": {"AWS": "999900001111"}, "Action": "sts:AssumeRole"},
    ]
}


def proposed(name: str, asked: dict[str, Any], answered: dict[str, Any] | None = None) -> list[Any]:
    log, plan = Log(), Plan()
    who = user("ci-deploy", "AKIAEXAMPLEEXAMPLE12", ATTACKER_IP, "aws-cli/2.31.0")
    record = log.call(who, "iam", name, requestParameters=asked, responseElements=answered)
    made(event_from(record), plan)
    return [(one.remediation, one.target) for one in plan.proposals()]


@pytest.mark.parametrize(
    ("name", "asked", "answered", "wanted"),
    [
        ("CreateRole", {"roleName": "door"}, None, ("R10", {"role": "door"})),
        ("CreateGroup", {"groupName": "team"}, None, ("R10", {"group": "team"})),
        (
            "CreatePolicy",
            {"policyName": "extra"},
            {"policy": {"arn": POLICY}},
            ("R10", {"policy_arn": POLICY}),
        ),
        ("CreateSAMLProvider", {"name": "idp"}, None, ("R10", {"identity_provider": "idp"})),
        (
            "CreateOpenIDConnectProvider",
            {"url": "https://idp.example.com/id"},
            None,
            ("R10", {"identity_provider": "https://idp.example.com/id"}),
        ),
        (
            "CreateServiceSpecificCredential",
            {"userName": "ann", "serviceName": "codecommit.amazonaws.com"},
            {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCAEXAMPLEEXAMPLE12"}},
            ("R10", {"user": "ann", "service_credential_id": "ACCAEXAMPLEEXAMPLE12"}),
        ),
        (
            "UploadSigningCertificate",
            {"userName": "ann"},
            {"certificate": {"certificateId": "TA7SMP42TDN5Z26OBPJE7EXAMPLE"}},
            ("R10", {"user": "ann", "certificate_id": "TA7SMP42TDN5Z26OBPJE7EXAMPLE"}),
        ),
        (
            "UploadSSHPublicKey",
            {"userName": "ann"},
            {"sSHPublicKey": {"sSHPublicKeyId": "APKAEXAMPLEEXAMPLE12"}},
            ("R10", {"user": "ann", "ssh_key_id": "APKAEXAMPLEEXAMPLE12"}),
        ),
        (
            "PutUserPolicy",
            {"userName": "ann", "policyName": "more"},
            None,
            ("R11", {"user": "ann", "policy": "more"}),
        ),
        (
            "AttachRolePolicy",
            {"roleName": "door", "policyArn": POLICY},
            None,
            ("R11", {"role": "door", "policy_arn": POLICY}),
        ),
        (
            "AddUserToGroup",
            {"userName": "ann", "groupName": "team"},
            None,
            ("R11", {"user": "ann", "group": "team"}),
        ),
        (
            "CreatePolicyVersion",
            {"policyArn": POLICY, "setAsDefault": True},
            {"policyVersion": {"versionId": "v4"}},
            ("R11", {"policy_arn": POLICY, "version": "v4"}),
        ),
        (
            "SetDefaultPolicyVersion",
            {"policyArn": POLICY, "versionId": "v1"},
            None,
            ("R11", {"policy_arn": POLICY, "version": "v1"}),
        ),
        (
            "UpdateAssumeRolePolicy",
            {"roleName": "door", "policyDocument": json.dumps(TRUST)},
            None,
            ("R6", {"role": "door", "principal": "444455556666"}),
        ),
        (
            "UpdateAssumeRolePolicy",
            {"roleName": "door", "policyDocument": "no policy"},
            None,
            ("R6", {"role": "door"}),
        ),
        (
            "EnableMFADevice",
            {"userName": "ann", "serialNumber": DEVICE},
            None,
            ("R8", {"user": "ann", "mfa_device": DEVICE}),
        ),
    ],
)
def test_what_the_event_names_is_what_the_remediation_takes(
    name: str, asked: dict[str, Any], answered: dict[str, Any] | None, wanted: tuple[str, dict[str, str]]
) -> None:
    assert wanted in proposed(name, asked, answered)
    for row, target in proposed(name, asked, answered):
        assert (
            remediation(row).target(ACCOUNT, "us-east-1", target).params.items()
            >= {"account_id": ACCOUNT}.items()
        )


def test_what_the_answer_does_not_name_is_not_proposed() -> None:
    assert proposed("CreatePolicy", {"policyName": "extra"}) == []
    assert proposed("UploadSSHPublicKey", {"userName": "ann"}) == []
