import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.events import BadRecordError, Event, event_from, fast_event, whole_number
from bot.evidence.scan.files import event_in
from tests.evidence.records import LEAKED_KEY, SECOND_KEY, Log, anonymous, leaked_key, service, session, user

CI = user("ci-deploy", LEAKED_KEY, "203.0.113.66", "aws-cli/2.31.0")

MINIMAL = {"eventTime": "2026-11-23T02:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject"}


def test_reads_a_data_event() -> None:
    event = event_from(Log().object(CI, "GetObject", "payroll/1.csv", size=717.0))
    assert (event.service, event.name, event.bucket, event.key) == (
        "s3",
        "GetObject",
        "acme-payroll",
        "payroll/1.csv",
    )
    assert event.bytes_out == 717
    assert event.user_agent == "aws-cli/2.31.0"
    assert event.who.access_key == LEAKED_KEY
    assert event.time.isoformat() == "2026-11-23T02:00:00+00:00"


def test_a_refusal_has_no_bytes_although_the_record_carries_the_error_page() -> None:
    event = event_from(Log().object(CI, "GetObject", "k", size=243.0, errorCode="AccessDenied"))
    assert event.denied
    assert event.bytes_out is None


def test_other_errors_are_failures_and_not_refusals() -> None:
    event = event_from(Log().object(CI, "GetObject", "k", errorCode="NoSuchKey"))
    assert not event.denied
    assert not event.succeeded


@pytest.mark.parametrize(
    "code",
    ["AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedException", "VpceAccessDenied"],
)
def test_every_spelling_of_a_refusal(code: str) -> None:
    assert event_from(Log().call(CI, "ec2", "DescribeInstances", errorCode=code)).denied


def test_keys_that_a_call_issued() -> None:
    log = Log()
    assert event_from(log.create_key(CI, "ci-deploy", SECOND_KEY)).minted_key == SECOND_KEY
    assert (
        event_from(log.assume(CI, "admin", "s", "ASIAISSUED0000000001")).minted_key == "ASIAISSUED0000000001"
    )
    assert event_from(log.call(CI, "sts", "GetCallerIdentity")).minted_key is None


@pytest.mark.parametrize("spelling", ["anonymous", "ANONYMOUS_PRINCIPAL"])
def test_both_spellings_of_anonymous(spelling: str) -> None:
    record = Log().object(anonymous("192.0.2.1"), "GetObject", "k")
    record["userIdentity"]["accountId"] = spelling
    who = event_from(record).who
    assert who.is_anonymous
    assert who.account is None


@pytest.mark.parametrize("missing", ["eventTime", "eventSource", "eventName"])
def test_a_record_without_its_essentials_is_none(missing: str) -> None:
    record = {name: value for name, value in MINIMAL.items() if name != missing}
    with pytest.raises(BadRecordError, match=f"no {missing}"):
        event_from(record)


@pytest.mark.parametrize("record", [None, [], "x", 3, {"eventTime": 3}])
def test_other_json_is_no_record(record: object) -> None:
    with pytest.raises(BadRecordError):
        event_from(record)


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_named(time: str) -> None:
    with pytest.raises(BadRecordError, match="eventTime"):
        event_from(MINIMAL | {"eventTime": time})


def test_times_without_zone_are_utc_and_others_are_brought_there() -> None:
    assert (
        event_from(MINIMAL | {"eventTime": "2026-11-23T02:00:00"}).time.isoformat().endswith("02:00:00+00:00")
    )
    assert event_from(MINIMAL | {"eventTime": "2026-11-23T04:00:00+02:00"}).time.hour == 2


def test_null_and_odd_shapes_everywhere_are_borne() -> None:
    odd = dict.fromkeys(
        ("userIdentity", "requestParameters", "responseElements", "resources", "errorCode"), 7
    )
    event = event_from(MINIMAL | odd | {"readOnly": "false", "additionalEventData": None})
    assert event.who.principal == "unknown"
    assert event.read_only is False
    assert event.succeeded


def test_resources_may_be_one_object_and_may_carry_a_prefix() -> None:
    event = event_from(
        MINIMAL | {"resources": {"ARNPrefix": "arn:aws:s3:::acme-payroll/", "type": "AWS::S3::Object"}}
    )
    assert [resource.arn for resource in event.resources] == ["arn:aws:s3:::acme-payroll/"]


def test_equal_records_without_an_id_share_one_and_others_do_not() -> None:
    first, again = event_from(dict(MINIMAL)), event_from(dict(reversed(MINIMAL.items())))
    other = event_from(MINIMAL | {"eventName": "PutObject"})
    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize(
    ("value", "number"),
    [(717.0, 717), ("89", 89), (2**60, 2**60), (None, None), (True, None), (-1, None), ("x", None)],
)
def test_byte_counts_in_all_their_types(value: object, number: int | None) -> None:
    assert whole_number(value) == number


def test_infinite_byte_counts_are_unknown() -> None:
    assert whole_number(float("inf")) is None
    assert whole_number(float("nan")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = st.sampled_from(sorted(Log().object(CI, "GetObject", "k")))


@given(st.dictionaries(MEMBERS, JSON))
def test_whatever_stands_in_a_record_it_is_read_or_refused(members: dict[str, object]) -> None:
    record = json.loads(json.dumps(Log().object(CI, "GetObject", "k")))
    try:
        event = event_from(record | members)
    except BadRecordError:
        return
    assert event.who.principal
    assert event.bytes_out is None or event.bytes_out >= 0


def tolerant(raw: bytes) -> Event | None:
    """The event without any short cut; None for what is no record."""
    try:
        return event_from(json.loads(raw), raw)
    except BadRecordError:
        return None


def in_short(raw: bytes) -> Event | None:
    try:
        return fast_event(raw)
    except BadRecordError:
        return None


def test_the_fast_way_is_taken_for_what_aws_writes_and_says_the_same() -> None:
    for record in leaked_key().records:
        raw = json.dumps(record).encode()
        assert fast_event(raw) == tolerant(raw)


def test_other_members_are_kept_whichever_way_a_record_takes() -> None:
    usual = Log().object(CI, "GetObject", "k") | {"tlsDetails": {"tlsVersion": "TLSv1.3"}}
    raw = json.dumps(usual).encode()
    assert fast_event(raw) == tolerant(raw)
    assert event_in(raw).rest["tlsDetails"] == {"tlsVersion": "TLSv1.3"}
    raw = json.dumps(usual | {"status": "success", "nothing": None}).encode()
    assert (event_in(raw), event_in(raw).rest["status"]) == (tolerant(raw), "success")
    assert "nothing" not in event_in(raw).rest


def test_a_service_is_told_apart_by_its_address_also_when_its_identity_was_met_before() -> None:
    for address in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        record = Log().call(service(address), "sts", "AssumeRole")
        record["userIdentity"] = {"type": "AWSService"}
        for spelling in ("AWSService", "AWS\\u0053ervice"):
            raw = json.dumps(record).replace("AWSService", spelling).encode()
            event = event_in(raw)
            assert (event.who.principal, event) == (address, tolerant(raw))


WHO = st.sampled_from(
    [
        dict(one.identity)
        for one in (
            CI,
            anonymous("192.0.2.1"),
            service("s3.amazonaws.com"),
            session("r", "s", "ASIAX", "1.1.1.1", "x"),
        )
    ]
)
RECORD = Log().object(CI, "GetObject", "k") | {
    "sharedEventID": "x",
    "vpcEndpointId": "vpce-1",
    "errorCode": "X",
    "tlsDetails": {"tlsVersion": "TLSv1.3"},
    "sessionCredentialFromConsole": "true",
}


@given(
    st.dictionaries(st.sampled_from(sorted(RECORD)), JSON),
    WHO,
    st.lists(st.sampled_from(sorted(RECORD)), max_size=3),
)
def test_whatever_stands_in_a_record_the_fast_way_says_the_same_or_leaves_it(
    members: dict[str, object], who: dict[str, object], missing: list[str]
) -> None:
    record = {
        name: value
        for name, value in (RECORD | {"userIdentity": who} | members).items()
        if name not in missing
    }
    raw = json.dumps(record).encode()
    quick = in_short(raw)
    assert quick is None or repr(quick) == repr(tolerant(raw))


@given(st.binary(max_size=30), st.integers(0, 600))
def test_bytes_that_are_damaged_are_read_as_a_record_or_refused(damage: bytes, place: int) -> None:
    raw = json.dumps(RECORD).encode()
    raw = raw[:place] + damage + raw[place + len(damage) :]
    try:
        assert event_in(raw).name
    except BadRecordError:
        assert in_short(raw) is None
