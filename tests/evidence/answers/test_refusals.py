"""The layer that stopped a call, in the words of S3's and IAM's messages."""

import pytest

from bot.evidence.answers.refusals import layer
from tests.evidence.records import LEAKED_KEY, Log, user
from tests.evidence.story import ask

_WHO = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: s3:GetObject on resource: "
_NONE = "because no resource-based policy allows the s3:GetObject action"
_NO_RESOURCE_POLICY = "no resource-based policy that allows it"
_ON = '"arn:aws:s3:::acme-payroll/a"'


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        *(
            (f"{_WHO}{_ON} with an explicit deny in {article} {kind}", f"an explicit deny in the {kind}")
            for article, kind in (
                ("a", "resource-based policy"),
                ("an", "identity-based policy"),
                ("a", "service control policy"),
                ("a", "permissions boundary"),
            )
        ),
        (
            f"{_WHO}{_ON} because no identity-based policy allows the s3:GetObject action",
            "no identity-based policy that allows it",
        ),
        (
            f"{_WHO}{_ON} because no VPC endpoint policy allows the s3:GetObject action",
            "no vpc endpoint policy that allows it",
        ),
        (
            f"{_WHO}{_ON} because public access is prevented by the BlockPublicPolicy setting",
            "Block Public Access (BlockPublicPolicy)",
        ),
        ("Access Denied", None),
        (None, None),
        (f'{_WHO}"arn:aws:s3:::b/with an explicit deny in a session policy" {_NONE}', _NO_RESOURCE_POLICY),
    ],
)
def test_layers(message: str | None, expected: str | None) -> None:
    assert layer(message) == expected


def test_the_answer_names_what_stopped_the_caller() -> None:
    log = Log()
    message = f"{_WHO}{_ON} because no identity-based policy allows the s3:GetObject action"
    caller = user("x", LEAKED_KEY, "203.0.113.1", "aws-cli/2")
    log.call(caller, "sts", "GetCallerIdentity")
    for _ in range(3):
        log.object(caller, "GetObject", "a", errorCode="AccessDenied", errorMessage=message)
    because = ask(log).answer("E6").because
    assert because.endswith("Stopped by: no identity-based policy that allows it (3).")
