"""R27: URLs that somebody signed stop; requests that are signed in their headers go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
import time_machine
from botocore.config import Config

from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.undo import undo_plan
from tests.aws.account import REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, DELIVERY, policy, put_policy
from tests.remediation.rows.urls import status

KEY = "2026/salaries.csv"


@pytest.fixture(scope="module")
def signer(account: Account) -> Any:
    ann = account.user("ann")
    return botocore.session.Session().create_client(
        "s3",
        region_name=REGION,
        endpoint_url=account.fake.endpoint,
        aws_access_key_id=ann.access_key,
        aws_secret_access_key=ann.secret_key,
        config=Config(signature_version="s3v4", proxies={}),
    )


def signed(signer: Any, bucket: str, minutes_ago: int) -> str:
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=minutes_ago), tick=False):
        url: str = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": KEY}, ExpiresIn=7200)
    return url


def test_all_urls_stop_and_what_is_signed_in_headers_goes_on(account: Account, signer: Any) -> None:
    bucket = account.bucket("acme-url-1")
    assert status(signed(signer, bucket, 0)) == 200
    plan = plan_for(account, "R27", {"bucket": bucket}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    assert status(signed(signer, bucket, 0)) == 403
    assert signer.get_object(Bucket=bucket, Key=KEY)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert status(signed(signer, bucket, 0)) == 200


def test_with_minutes_only_older_urls_stop(account: Account, signer: Any) -> None:
    bucket = account.bucket("acme-url-2")
    old, new = signed(signer, bucket, 20), signed(signer, bucket, 5)
    plan = plan_for(account, "R27", {"bucket": bucket, "minutes": "15"}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    assert (status(old), status(new)) == (403, 200)
    assert signer.get_object(Bucket=bucket, Key=KEY)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_neither_the_bot_nor_log_delivery_is_taken_for_somebody_with_a_url(account: Account) -> None:
    bucket = account.bucket("acme-url-3")
    put_policy(account, bucket, policy(DELIVERY))
    plan = plan_for(account, "R27", {"bucket": bucket}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(NothingToDo, match="denies"):
        plan_for(account, "R27", {"bucket": bucket}, CONTEXT)


@pytest.mark.parametrize("minutes", ["0", "-5", "10081", "soon", "\u0661\u0665"])
def test_minutes_that_no_url_lives(account: Account, minutes: str) -> None:
    with pytest.raises(BadTarget, match="no number of minutes from 1 to 10080"):
        plan_for(account, "R27", {"bucket": "acme-url-1", "minutes": minutes}, CONTEXT)
