"""AWS Config asked over HTTP: the state before, those after, no recorder, refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.aws.config_history import bucket_history
from tests.aws.account import ACCOUNT, Account
from tests.aws.watched import let_ask, open_policy, played, without

NOW = datetime.now(UTC)


def test_from_no_recorder_to_the_state_before_and_after(account: Account) -> None:
    let_ask(account)
    reader = account.access.reader(ACCOUNT)
    nothing = bucket_history(reader, "cfg-data", NOW)
    assert nothing.recorder.known
    assert nothing.recorder.value is None
    assert nothing.bucket.value == ()
    config, s3 = account.client("config"), account.client("s3")
    with played(s3, NOW - timedelta(hours=9)), played(config, NOW - timedelta(hours=8)):
        s3.create_bucket(Bucket="cfg-data")
        config.put_configuration_recorder(
            ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::1:role/c"}
        )
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "cfg-items"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
    for hours in range(7, 0, -1):
        with played(s3, NOW - timedelta(hours=hours)):
            if hours == 2:
                s3.delete_public_access_block(Bucket="cfg-data")
            elif hours == 1:
                s3.put_bucket_policy(Bucket="cfg-data", Policy=open_policy("cfg-data"))
            else:
                status = "Enabled" if hours % 2 else "Suspended"
                s3.put_bucket_versioning(
                    Bucket="cfg-data",
                    VersioningConfiguration={"Status": status},
                    MFA="arn:aws:iam::1:mfa/r 1",
                )
    found = bucket_history(reader, "cfg-data", NOW - timedelta(hours=2, minutes=30))
    assert found.bucket.value is not None
    captured = [one["configurationItemCaptureTime"] for one in found.bucket.value]
    assert captured == sorted(captured)
    assert len(captured) == 3
    assert captured[0] < NOW - timedelta(hours=2, minutes=30) < captured[1]
    whole = bucket_history(reader, "cfg-data", NOW - timedelta(days=2))
    assert whole.bucket.value is not None
    assert len(whole.bucket.value) == 8
    recorder = whole.recorder.value
    assert recorder is not None
    assert recorder.recording
    assert recorder.records_buckets
    assert recorder.started is not None
    assert recorder.started < NOW - timedelta(hours=7)


def test_the_accounts_own_block_is_kept_too(account: Account) -> None:
    let_ask(account)
    reader = account.access.reader(ACCOUNT)
    block = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    with played(account.client("s3control"), NOW - timedelta(minutes=9)) as s3control:
        s3control.meta.events.register("before-sign.s3-control", _drop_prefix, unique_id="prefix")
        s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    found = bucket_history(reader, "cfg-data", NOW - timedelta(hours=1))
    assert found.account_block.value is not None
    assert len(found.account_block.value) == 1


def _drop_prefix(request: object, **_: object) -> None:
    request.url = request.url.replace(f"{ACCOUNT}.127.0.0.1", "127.0.0.1")  # type: ignore[attr-defined]


def test_stopped_and_refused(account: Account) -> None:
    let_ask(account)
    reader = account.access.reader(ACCOUNT)
    account.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")
    stopped = bucket_history(reader, "cfg-data", NOW).recorder.value
    assert stopped is not None
    assert not stopped.recording
    assert stopped.stopped is not None
    with without(account, "config:GetResourceConfigHistory"):
        found = bucket_history(reader, "cfg-data", NOW)
    assert found.recorder.known
    assert found.bucket.denied
