"""Ordered faults, seen from a client."""

import threading
import time
from typing import Any

import botocore.exceptions
import pytest

from tests.sandbox.aws.conftest import Lab, allow, refusal


@pytest.mark.parametrize(
    ("service", "method", "expected"),
    [
        ("s3", "list_buckets", ("SlowDown", 503)),
        ("iam", "list_users", ("Throttling", 400)),
        ("sts", "get_caller_identity", ("Throttling", 400)),
        ("cloudtrail", "describe_trails", ("ThrottlingException", 400)),
    ],
)
def test_throttling_in_each_services_words(
    lab: Lab, service: str, method: str, expected: tuple[str, int]
) -> None:
    lab.aws.faults.throttle(service, times=2)
    call = getattr(lab.root.client(service), method)
    assert [refusal(call)[::2], refusal(call)[::2]] == [expected, expected]
    call()


def test_a_fault_names_its_operation(lab: Lab) -> None:
    lab.aws.faults.fail("s3", "CreateBucket", times=1, status=503)
    lab.root.s3.list_buckets()
    assert refusal(lambda: lab.root.s3.create_bucket(Bucket="papers"))[::2] == ("ServiceUnavailable", 503)
    assert lab.root.s3.list_buckets()["Buckets"] == []
    lab.root.s3.create_bucket(Bucket="papers")


def test_latency(lab: Lab) -> None:
    lab.aws.faults.latency("sts", milliseconds=120)
    began = time.monotonic()
    lab.root.sts.get_caller_identity()
    assert time.monotonic() - began >= 0.12
    lab.aws.faults.clear()


def test_an_answer_held_after_the_effect(lab: Lab) -> None:
    lab.user("ann", allow("*"))
    stall = lab.aws.faults.stall_after_effect("iam", "AttachUserPolicy")
    client, outcome = lab.root.iam, []

    def attach() -> None:
        arn = "arn:aws:iam::aws:policy/AWSDenyAll"
        outcome.append(client.attach_user_policy(UserName="ann", PolicyArn=arn))

    thread = threading.Thread(target=attach)
    thread.start()
    assert stall.wait(5)
    attached = lab.root.iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AWSDenyAll"]
    assert outcome == []
    stall.release()
    thread.join(5)
    assert len(outcome) == 1


def test_stopping_lets_held_answers_go(lab: Lab) -> None:
    stall = lab.aws.faults.stall_after_effect("sts", "GetCallerIdentity")
    seen: list[Any] = []

    def ask() -> None:
        try:
            seen.append(lab.root.sts.get_caller_identity())
        except botocore.exceptions.BotoCoreError as error:
            seen.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert stall.wait(5)
    lab.aws.faults.release()
    thread.join(5)
    assert len(seen) == 1
