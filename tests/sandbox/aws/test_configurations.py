"""Lifecycle, replication, notifications, CORS, website, who pays, inventories: as sent, refused as by S3."""

from typing import Any

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, refusal

PURGE: dict[str, Any] = {
    "ID": "purge",
    "Filter": {"Prefix": ""},
    "Status": "Enabled",
    "Expiration": {"Days": 1},
}
COPY: dict[str, Any] = {
    "ID": "copy",
    "Priority": 1,
    "Filter": {"Prefix": ""},
    "Status": "Enabled",
    "Destination": {"Bucket": "arn:aws:s3:::copies"},
    "DeleteMarkerReplication": {"Status": "Disabled"},
}


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return {"Bucket": "papers", "LifecycleConfiguration": {"Rules": list(given)}}


def versioned(lab: Lab, *buckets: str) -> None:
    for bucket in buckets:
        lab.bucket(bucket)
        lab.root.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def replication(*given: dict[str, Any]) -> dict[str, Any]:
    configuration = {"Role": f"arn:aws:iam::{ACCOUNT}:role/copies", "Rules": list(given)}
    return {"Bucket": "papers", "ReplicationConfiguration": configuration}


def test_a_lifecycle_comes_back_as_it_was_with_ids_for_those_that_had_none(lab: Lab) -> None:
    lab.bucket("papers")
    unnamed = {key: value for key, value in PURGE.items() if key != "ID"}
    lab.root.s3.put_bucket_lifecycle_configuration(**rules(PURGE, unnamed))
    found = lab.root.s3.get_bucket_lifecycle_configuration(Bucket="papers")
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert found["Rules"][0] == PURGE
    assert found["Rules"][1] == {**PURGE, "ID": found["Rules"][1]["ID"]} != PURGE
    lab.root.s3.delete_bucket_lifecycle(Bucket="papers")
    code, _, status = refusal(lambda: lab.root.s3.get_bucket_lifecycle_configuration(Bucket="papers"))
    assert (code, status) == ("NoSuchLifecycleConfiguration", 404)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([PURGE, PURGE], "InvalidArgument"),
        ([{**PURGE, "Expiration": {"Days": 0}}], "InvalidArgument"),
        ([{**PURGE, "Expiration": {"Date": "2031-01-01T10:00:00Z"}}], "InvalidArgument"),
        ([{"ID": "idle", "Filter": {"Prefix": ""}, "Status": "Enabled"}], "InvalidRequest"),
        ([], "MalformedXML"),
    ],
)
def test_a_lifecycle_that_s3_does_not_take(lab: Lab, given: list[dict[str, Any]], code: str) -> None:
    lab.bucket("papers")
    assert refusal(lambda: lab.root.s3.put_bucket_lifecycle_configuration(**rules(*given)))[0] == code


def test_a_bucket_with_mfa_delete_takes_no_lifecycle(lab: Lab) -> None:
    lab.bucket("papers")
    lab.root.s3.put_bucket_versioning(
        Bucket="papers",
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
        MFA=f"arn:aws:iam::{ACCOUNT}:mfa/root 123456",
    )
    code, _, status = refusal(lambda: lab.root.s3.put_bucket_lifecycle_configuration(**rules(PURGE)))
    assert (code, status) == ("InvalidBucketState", 409)


def test_replication_needs_versions_on_both_sides_and_then_holds_them(lab: Lab) -> None:
    lab.bucket("papers")
    _, message, _ = refusal(lambda: lab.root.s3.put_bucket_replication(**replication(COPY)))
    assert "Versioning must be 'Enabled'" in message
    versioned(lab, "papers")
    _, message, _ = refusal(lambda: lab.root.s3.put_bucket_replication(**replication(COPY)))
    assert message == "Destination bucket must exist."
    lab.bucket("copies")
    _, message, _ = refusal(lambda: lab.root.s3.put_bucket_replication(**replication(COPY)))
    assert message == "Destination bucket must have versioning enabled."
    versioned(lab, "copies")
    twice = replication(COPY, {**COPY, "Priority": 2})
    assert refusal(lambda: lab.root.s3.put_bucket_replication(**twice))[0] == "InvalidArgument"
    lab.root.s3.put_bucket_replication(**replication(COPY))
    found = lab.root.s3.get_bucket_replication(Bucket="papers")["ReplicationConfiguration"]
    assert found == replication(COPY)["ReplicationConfiguration"]
    suspended = {"Bucket": "papers", "VersioningConfiguration": {"Status": "Suspended"}}
    assert refusal(lambda: lab.root.s3.put_bucket_versioning(**suspended))[0] == "InvalidBucketState"
    lab.root.s3.delete_bucket_replication(Bucket="papers")
    lab.root.s3.put_bucket_versioning(**suspended)
    missing = refusal(lambda: lab.root.s3.get_bucket_replication(Bucket="papers"))
    assert missing[::2] == ("ReplicationConfigurationNotFoundError", 404)


def test_who_writes_a_replication_must_be_allowed_to_pass_its_role(lab: Lab) -> None:
    versioned(lab, "papers", "copies")
    ann = lab.user("ann", allow("s3:*"))
    code, message, _ = refusal(lambda: ann.s3.put_bucket_replication(**replication(COPY)))
    assert code == "AccessDenied"
    assert f'iam:PassRole on resource: "arn:aws:iam::{ACCOUNT}:role/copies"' in message


def test_notifications_go_where_somebody_takes_them(lab: Lab) -> None:
    lab.bucket("papers")
    s3, queue = lab.root.s3, f"arn:aws:sqs:us-east-1:{ACCOUNT}:news"
    one = {"Id": "new", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}
    told = {"Bucket": "papers", "NotificationConfiguration": {"QueueConfigurations": [one]}}
    assert refusal(lambda: s3.put_bucket_notification_configuration(**told))[0] == "InvalidArgument"
    s3.put_bucket_notification_configuration(**told, SkipDestinationValidation=True)
    lab.root.client("sqs").create_queue(QueueName="news")
    s3.put_bucket_notification_configuration(**told)
    found = s3.get_bucket_notification_configuration(Bucket="papers")
    assert found["QueueConfigurations"] == [one]
    s3.put_bucket_notification_configuration(Bucket="papers", NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="papers")


def test_inventories_are_listed_in_pages_of_a_hundred(lab: Lab) -> None:
    lab.bucket("papers")
    for number in range(101):
        lab.root.s3.put_bucket_inventory_configuration(
            Bucket="papers",
            Id=f"i{number:03}",
            InventoryConfiguration={
                "Id": f"i{number:03}",
                "IsEnabled": True,
                "IncludedObjectVersions": "All",
                "Schedule": {"Frequency": "Daily"},
                "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::lists", "Format": "CSV"}},
            },
        )
    first = lab.root.s3.list_bucket_inventory_configurations(Bucket="papers")
    assert (len(first["InventoryConfigurationList"]), first["IsTruncated"]) == (100, True)
    rest = lab.root.s3.list_bucket_inventory_configurations(
        Bucket="papers", ContinuationToken=first["NextContinuationToken"]
    )
    assert [one["Id"] for one in rest["InventoryConfigurationList"]] == ["i100"]
    gone = {"Bucket": "papers", "Id": "i100"}
    lab.root.s3.delete_bucket_inventory_configuration(**gone)
    for call in (
        lab.root.s3.get_bucket_inventory_configuration,
        lab.root.s3.delete_bucket_inventory_configuration,
    ):
        assert refusal(lambda call=call: call(**gone))[::2] == ("NoSuchConfiguration", 404)


def test_website_cors_and_who_pays(lab: Lab) -> None:
    lab.bucket("papers")
    s3 = lab.root.s3
    assert s3.get_bucket_request_payment(Bucket="papers")["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket="papers", RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket="papers")["Payer"] == "Requester"
    assert refusal(lambda: s3.get_bucket_website(Bucket="papers"))[0] == "NoSuchWebsiteConfiguration"
    website = {"IndexDocument": {"Suffix": "index.html"}}
    s3.put_bucket_website(Bucket="papers", WebsiteConfiguration=website)
    assert s3.get_bucket_website(Bucket="papers")["IndexDocument"] == website["IndexDocument"]
    assert refusal(lambda: s3.get_bucket_cors(Bucket="papers"))[0] == "NoSuchCORSConfiguration"
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://acme.example"]}
    s3.put_bucket_cors(Bucket="papers", CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket="papers")["CORSRules"] == [rule]
    s3.delete_bucket(Bucket="papers")
    lab.bucket("papers")
    assert refusal(lambda: s3.get_bucket_cors(Bucket="papers"))[0] == "NoSuchCORSConfiguration"
