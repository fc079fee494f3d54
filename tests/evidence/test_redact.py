import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.redact import MARK, redact, redact_bytes
from tests.evidence.records import LEAKED_KEY, Log, user

SECRET = "IQoJb3JpZ2luX2VjEXAMPLE/+=="
URL = (
    "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIALEAKEDKEY0000001%2F20261123"
    "&X-Amz-Security-Token=IQoJb3%2FEXAMPLE%3D&X-Amz-Signature=0123456789abcdef&x=1"
)


@pytest.mark.parametrize(
    "name",
    [
        "sessionToken",
        "SecretAccessKey",
        "x-amz-security-token",
        "X-Amz-Signature",
        "password",
        "SAMLAssertion",
        "webIdentityToken",
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda v: v, json.dumps, lambda v: json.dumps(json.dumps(v))], ids=["object", "string", "twice"]
)
def test_secrets_go_at_any_depth_and_in_strings(name: str, wrap) -> None:
    text = json.dumps({"credentials": wrap(json.dumps({name: SECRET, "accessKeyId": LEAKED_KEY}))})
    assert SECRET in text
    assert SECRET not in redact(text)
    assert LEAKED_KEY in redact(text)
    json.loads(redact(text))


def test_presigned_urls_lose_signature_and_token_and_keep_the_signer() -> None:
    text = redact(URL)
    assert "0123456789abcdef" not in text
    assert "IQoJb3" not in text
    assert "AKIALEAKEDKEY0000001" in text
    assert text.endswith("&x=1")


def test_older_signatures_and_headers() -> None:
    assert "abc%3D" not in redact("GET /k?AWSAccessKeyId=AKIAX&Expires=1&Signature=abc%3D HTTP/1.1")
    header = f"AWS4-HMAC-SHA256 Credential=AKIAX/2026, SignedHeaders=host, Signature={'a' * 64}"
    assert "a" * 64 not in redact(header)


def test_everything_else_stays_byte_for_byte() -> None:
    log = Log()
    record = log.assume(user("u", LEAKED_KEY, "1.2.3.4", "x"), "admin", "s", "ASIAX")
    text = json.dumps(record)
    assert redact(text) == text.replace("IQoJb3JpZ2luX2VjEXAMPLETOKEN==", MARK)


def test_an_empty_secret_is_none() -> None:
    assert redact('{"sessionToken":""}') == '{"sessionToken":""}'


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_pass_and_twice_is_once(data: bytes) -> None:
    assert redact_bytes(redact_bytes(data)) == redact_bytes(data)


@given(
    st.text(
        alphabet=st.characters(exclude_characters='"\\', exclude_categories=["Cs", "Cc"]),
        min_size=8,
        max_size=40,
    )
)
def test_no_secret_survives_whatever_it_holds(secret: str) -> None:
    secret = f"<{secret}>"
    assert secret not in redact(json.dumps({"a": [{"secretAccessKey": secret}]}, ensure_ascii=False))


@pytest.mark.parametrize(
    "bait", ["\\", "AWS4-HMAC-SHA256 ", '\\"password', '"password":"', "X-Amz-Signature", "Signature="]
)
def test_bait_for_the_patterns_costs_no_time(bait: str) -> None:
    """A user agent or a policy may be 100 kB long, and there can be thousands of such events."""
    text = (bait * 200_000)[:200_000]
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 1


LINES = st.lists(
    st.one_of(
        st.just(json.dumps({"eventName": "GetObject", "SignatureVersion": "SigV4", "key": "k" * 900})),
        st.builds(
            lambda name, size, lines: json.dumps({name: "s" * size, "x": "y" * 50}, indent=lines),
            st.sampled_from(["sessionToken", "SecretAccessKey", "Password", "plaintext", "eventName", "key"]),
            st.sampled_from([1, 40, 5000]),
            st.sampled_from([None, 2]),
        ),
        st.just('"sessionToken":\n"on the next line"'),
        st.just(f'"url": "{URL}"'),
        st.just("AWS4-HMAC-SHA256 Credential=AKIA/x,\nSignedHeaders=host,\nSignature=" + "a" * 64),
        st.text(max_size=20),
    ),
    max_size=30,
)


@given(lines=LINES)
def test_looking_closely_only_where_it_matters_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert redact_bytes(text.encode()) == redact(text).encode()
