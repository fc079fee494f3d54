"""What AWS's refusals and silences become: a kind to act on, and a sentence to read."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.errors import AwsError, AwsRefused, AwsUnavailable, DryRun, from_client_error


def answered(code: str, message: str, status: int, request_id: str | None = "RID") -> AwsError:
    meta: Any = {"HTTPStatusCode": status, "RequestId": request_id}
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}
    return from_client_error("iam", "get_user", ClientError(response, "GetUser"))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, AwsRefused),
        ("NoSuchEntity", 404, AwsRefused),
        ("404", 404, AwsRefused),
        ("LimitExceeded", 409, AwsRefused),
        ("MalformedPolicy", 400, AwsRefused),
        ("ThrottlingException", 400, AwsUnavailable),
        ("Throttling", 400, AwsUnavailable),
        ("SlowDown", 503, AwsUnavailable),
        ("InternalFailure", 500, AwsUnavailable),
        ("500", 500, AwsUnavailable),
    ],
)
def test_a_refusal_is_told_from_no_answer(code: str, status: int, kind: type[AwsError]) -> None:
    error = answered(code, "Because.", status)
    assert type(error) is kind
    assert (error.code, error.status, error.request_id) == (code, status, "RID")


@pytest.mark.parametrize("status", [404, 500])
def test_a_web_page_is_an_operation_that_is_not_there(status: int) -> None:
    error = answered(str(status), "<!doctype html>\n<html lang=en><title>Not Found</title>", status)
    assert isinstance(error, AwsUnavailable)
    assert "not available at this endpoint" in str(error)
    assert "html" not in str(error)


def test_the_sentence_has_the_call_the_reason_and_the_request() -> None:
    assert str(answered("AccessDenied", "User is not authorized", 403)) == (
        "AWS refused iam:get_user: User is not authorized. [AccessDenied] (request RID)"
    )
    assert str(answered("Throttling", "Rate exceeded", 400, None)) == (
        "AWS gave no usable answer to iam:get_user: Rate exceeded. [Throttling]"
    )


def test_an_empty_reason_is_said_to_be_none() -> None:
    assert "no reason given." in str(answered("AccessDenied", "", 403))


def test_a_dry_run_says_how_to_end_it() -> None:
    text = str(DryRun("iam", "attach_user_policy"))
    assert "iam:attach_user_policy" in text
    assert "Unset S3INCIDENT_DRY_RUN" in text
