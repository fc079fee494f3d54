"""Requests are recognised as the operation that boto3 meant."""

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from bot.sandbox.aws.call import HttpRequest
from bot.sandbox.aws.operations import nest, recognise, routes

MODEL = botocore.session.get_session().get_service_model("s3")


def request(
    method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> HttpRequest:
    path, _, query = target.partition("?")
    return HttpRequest(method, path, query, Headers(headers or {}), body, "127.0.0.1")


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation"),
    [
        ("GET", "/", {}, "ListBuckets"),
        ("GET", "/?x-id=ListBuckets", {}, "ListBuckets"),
        ("PUT", "/b", {}, "CreateBucket"),
        ("GET", "/b?list-type=2&prefix=", {}, "ListObjectsV2"),
        ("GET", "/b?prefix=", {}, "ListObjects"),
        ("GET", "/b/", {}, "ListObjects"),
        ("GET", "/b?policy", {}, "GetBucketPolicy"),
        ("GET", "/b?policyStatus", {}, "GetBucketPolicyStatus"),
        ("PUT", "/b?lifecycle", {}, "PutBucketLifecycleConfiguration"),
        ("GET", "/b/a/b/c.txt", {}, "GetObject"),
        ("GET", "/b/a%20b?versionId=1", {}, "GetObject"),
        ("GET", "/b/k?uploadId=1", {}, "ListParts"),
        ("PUT", "/b/k", {}, "PutObject"),
        ("PUT", "/b/k", {"x-amz-copy-source": "b/other"}, "CopyObject"),
        ("PUT", "/b/k?partNumber=1&uploadId=2", {}, "UploadPart"),
        ("PUT", "/b/k?partNumber=1&uploadId=2", {"x-amz-copy-source": "b/o"}, "UploadPartCopy"),
        ("DELETE", "/b?publicAccessBlock", {}, "DeletePublicAccessBlock"),
        ("POST", "/b?delete", {}, "DeleteObjects"),
        ("HEAD", "/b", {}, "HeadBucket"),
        ("PATCH", "/b", {}, "Unknown"),
    ],
)
def test_addresses_of_s3(method: str, target: str, headers: dict[str, str], operation: str) -> None:
    assert recognise(request(method, target, headers), "s3").name == operation


def test_bucket_and_key_are_the_decoded_path() -> None:
    found = recognise(request("GET", "/b/a%20b/%C3%BC%2Bc?versionId=7"), "s3")
    assert found.params == {"Bucket": "b", "Key": "a b/ü+c", "VersionId": "7"}


def test_account_level_s3_is_another_service() -> None:
    target = "/v20180820/configuration/publicAccessBlock"
    found = recognise(request("PUT", target, {"x-amz-account-id": "111122223333"}), "s3")
    assert (found.service, found.name) == ("s3control", "PutPublicAccessBlock")


def test_json_services_name_the_operation_in_a_header() -> None:
    headers = {"x-amz-target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"}
    found = recognise(request("POST", "/", headers, b'{"MaxResults": 5}'), "cloudtrail")
    assert (found.name, found.protocol, found.params) == ("LookupEvents", "json", {"MaxResults": 5})


def test_query_services_name_it_in_the_form() -> None:
    body = b"Action=TagUser&Version=2010-05-08&UserName=u&Tags.member.1.Key=a&Tags.member.1.Value=b"
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    found = recognise(request("POST", "/", headers, body), "iam")
    assert (found.name, found.params) == ("TagUser", {"UserName": "u", "Tags": [{"Key": "a", "Value": "b"}]})


def test_lists_of_more_than_nine_keep_their_order() -> None:
    form = {f"Names.member.{n}": str(n) for n in range(1, 13)}
    assert nest(form) == {"Names": [str(n) for n in range(1, 13)]}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=5), max_size=6))
def test_no_form_is_too_strange(form: dict[str, str]) -> None:
    assert isinstance(nest(form), dict)


def test_every_s3_operation_of_the_model_has_an_address() -> None:
    listed = {route.name for found in routes("s3").values() for route in found}
    retired = {name for name in MODEL.operation_names if MODEL.operation_model(name).deprecated}
    assert set(MODEL.operation_names) - listed - retired == {
        "CreateSession",
        "ListDirectoryBuckets",
        "WriteGetObjectResponse",
    }
