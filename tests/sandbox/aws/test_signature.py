"""Signatures: what botocore signs is accepted, anything touched afterwards is not."""

from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from bot.sandbox.aws import signature
from bot.sandbox.aws.call import HttpRequest

SECRET = "a-secret"
keys = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda k: k.strip("./")
)


def signed(key: str, query: dict[str, str], body: bytes) -> HttpRequest:
    path = "/papers/" + quote(key, safe="/~")
    text = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items()
    )
    url = f"http://127.0.0.1{path}" + (f"?{text}" if text else "")
    request = AWSRequest("PUT", url, data=body, headers={"x-amz-meta-a": " two   words "})
    S3SigV4Auth(Credentials("AKIA", SECRET), "s3", "us-east-1").add_auth(request)
    headers = Headers([*request.headers.items(), ("host", "127.0.0.1")])
    return HttpRequest("PUT", path, text, headers, body, "127.0.0.1")


@given(
    keys,
    st.dictionaries(st.text("abcABC-", min_size=1, max_size=5), st.text(max_size=8), max_size=3),
    st.binary(max_size=50),
)
def test_what_botocore_signs_is_accepted(key: str, query: dict[str, str], body: bytes) -> None:
    request = signed(key, query, body)
    read = signature.read(request)
    assert read is not None
    assert (read.access_key_id, read.service, read.region) == ("AKIA", "s3", "us-east-1")
    assert signature.verify(request, read, SECRET)
    assert not signature.verify(request, read, SECRET + "x")


@given(keys, st.binary(min_size=1, max_size=50))
def test_a_touched_request_is_not(key: str, body: bytes) -> None:
    request = signed(key, {}, body)
    read = signature.read(request)
    assert read is not None
    for changed in (
        HttpRequest("DELETE", request.raw_path, "", request.headers, body, ""),
        HttpRequest("PUT", request.raw_path + "x", "", request.headers, body, ""),
        HttpRequest("PUT", request.raw_path, "acl", request.headers, body, ""),
        HttpRequest("PUT", request.raw_path, "", request.headers, body + b"x", ""),
    ):
        assert not signature.verify(changed, read, SECRET)
