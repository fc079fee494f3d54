"""Every layout and spelling that has fooled a quick reader: read exactly, by the fast way or not."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.evidence.scan.reader import FileScan, Reader
from bot.evidence.wanted import Wanted
from tests.evidence.records import LEAKED_KEY, Log, Record, session, user
from tests.evidence.scan.plain_reader import plainly

BUCKET = "acme-payroll"
CI = user("ci-deploy", LEAKED_KEY, "203.0.113.66", "aws-cli/2.31.0 exe/x86_64")
APP = session("app", "i-1", "ASIAAPP0000000000001", "10.0.0.1", "Boto3/1.43.0")


def story() -> list[Record]:
    log = Log()
    log.object(CI, "GetObject", "a.csv")
    log.object(APP, "GetObject", "b.csv", bucket="acme-lake")
    log.call(CI, "iam", "PutUserPolicy", requestParameters={"userName": "ci-deploy"})
    log.object(APP, "PutObject", "c.csv", bucket="acme-lake")
    log.object(CI, "GetObject", "d.csv")
    log.call(APP, "ec2", "DescribeInstances")
    return log.records


def compact(records: list[Any], **around: Any) -> bytes:
    return json.dumps({"Records": records} | around, separators=(",", ":"), ensure_ascii=False).encode()


def scan(data: bytes, wanted: Wanted = Wanted(BUCKET)) -> FileScan:  # noqa: B008 - frozen
    [whole] = Reader(wanted).content(data)
    return whole


def found(data: bytes, wanted: Wanted = Wanted(BUCKET)) -> list[Record]:  # noqa: B008
    whole = scan(data, wanted)
    assert whole.problems == []
    return [json.loads(raw) for raw in whole.found]


def changed(**members: Any) -> list[Record]:
    """The story, whose first record has other members."""
    first, *others = story()
    return [first | members, *others]


def parameters(**members: Any) -> list[Record]:
    return changed(requestParameters={"Host": "x"} | members, resources=[])


LAYOUTS: dict[str, bytes] = {
    "compact": compact(story()),
    "pretty-printed": json.dumps({"Records": story()}, indent=2).encode(),
    "spaces after separators": json.dumps({"Records": story()}).encode(),
    "one space in one record": compact(story()).replace(b'"eventName":"PutUser', b'"eventName" : "PutUser'),
    "a space between two records": compact(story()).replace(b'},{"eventVersion"', b'}, {"eventVersion"', 1),
    "byte order mark": b"\xef\xbb\xbf" + compact(story()),
    "line break at the end": compact(story()) + b"\r\n",
    "members before Records": b'{"a":[{"eventVersion":"1"}],' + compact(story())[1:],
    "members after Records": compact(story(), after={"Records": []}),
    "records in another member too": compact(story(), other=story()[:2]),
    "sorted keys": json.dumps({"Records": story()}, separators=(",", ":"), sort_keys=True).encode(),
    "one record sorted": compact([story()[0], dict(sorted(story()[1].items())), *story()[2:]]),
    "escaped hyphen": compact(story()).replace(b"acme-payroll", b"acme\\u002dpayroll"),
    "escaped letter": compact(story()).replace(b"acme-payroll", b"\\u0061cme-payroll"),
    "escaped capital digits": compact(story()).replace(b"acme-payroll", b"acme\\u002Dpayroll"),
    "escaped event name": compact(story()).replace(b"PutUserPolicy", b"PutUser\\u0050olicy"),
    "escaped member name": compact(story()).replace(b'"eventName"', b'"event\\u004eame"'),
    "escaped slashes": compact(story()).replace(b"/", b"\\/"),
}


@pytest.mark.parametrize("data", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(BUCKET),
        Wanted(names=frozenset({"PutUserPolicy"})),
        Wanted(names=frozenset({"PutUserPolicy", "A", "B", "C", "D"})),
        Wanted(keys=frozenset({LEAKED_KEY})),
        Wanted(keys=frozenset({LEAKED_KEY, "A", "B", "C", "D"})),
        Wanted(principals=frozenset({"arn:aws:iam::111122223333:user/ci-deploy"})),
        Wanted(principals=frozenset({"arn:aws:iam::111122223333:role/app"})),
        Wanted(addresses=frozenset({"203.0.113.66"})),
        Wanted(addresses=frozenset({"203.0.113.66", "1", "2", "3", "4"})),
        Wanted(agents=frozenset({"aws-cli/2.31.0 exe"})),
        Wanted(kinds=frozenset({"IAMUser"})),
        Wanted(),
    ],
    ids=lambda wanted: next((name for name, value in vars(wanted).items() if value), "nothing"),
)
def test_layouts(data: bytes, pack: Callable[[bytes], bytes], wanted: Wanted) -> None:
    whole = scan(pack(data), wanted)
    assert [json.loads(raw) for raw in whole.found] == plainly(data, wanted)
    assert (whole.size, whole.problems) == (len(data), [])
    assert whole.records == 6 or not whole.found


ABOUT_IT: dict[str, list[Record]] = {
    "requestParameters null, the ARN only": changed(requestParameters=None),
    "no resources": changed(resources=None),
    "an ARN prefix only": changed(
        requestParameters=None,
        resources=[{"type": "AWS::S3::Object", "ARNPrefix": f"arn:aws:s3:::{BUCKET}/"}],
    ),
    "GovCloud": changed(requestParameters=None, resources=[{"ARN": f"arn:aws-us-gov:s3:::{BUCKET}/x"}]),
    "China": changed(requestParameters=None, resources=[{"ARN": f"arn:aws-cn:s3:::{BUCKET}"}]),
    "KMS context only": changed(
        eventSource="kms.amazonaws.com",
        eventName="Decrypt",
        requestParameters={"encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/x"}},
        resources=[],
    ),
    "bucketName a list, the ARN right": changed(requestParameters={"bucketName": [BUCKET]}),
    "bucketName a number, the ARN right": changed(requestParameters={"bucketName": 7}),
}

NOT_ABOUT_IT: dict[str, list[Record]] = {
    "prefix of another's name": parameters(bucketName=f"{BUCKET}-archive"),
    "end of another's name": parameters(bucketName=f"old-{BUCKET}"),
    "in a key only": parameters(bucketName="x", key=f"backup/{BUCKET}/1"),
    "in the user agent only": changed(requestParameters=None, resources=[], userAgent=f"x {BUCKET}"),
    "in a message only": changed(requestParameters=None, resources=[], errorMessage=f"no {BUCKET}"),
    "bucketName a list": parameters(bucketName=[BUCKET]),
}


@pytest.mark.parametrize("records", ABOUT_IT.values(), ids=ABOUT_IT)
def test_the_bucket_wherever_it_is_named(records: list[Record]) -> None:
    assert found(compact(records)) == [records[0], records[4]]


@pytest.mark.parametrize("records", NOT_ABOUT_IT.values(), ids=NOT_ABOUT_IT)
def test_the_name_is_not_the_bucket(records: list[Record]) -> None:
    assert found(compact(records)) == [records[4]]


FORGED = {**story()[0], "eventID": "forged", "eventName": "DeleteBucket"}

ODD: dict[str, list[Record]] = {
    "a forged record in a list": changed(requestParameters={"items": [{"a": 1}, FORGED, {"b": 2}]}),
    "forged records in a list, far from hits": [
        story()[1] | {"requestParameters": {"items": [{"a": 1}, *([FORGED] * 3), {"b": 2}]}},
        *story()[1:],
    ],
    "a forged record first in a list": changed(requestParameters={"items": [FORGED]}),
    "forged records in a list in a list": changed(requestParameters={"i": [[{}, FORGED, FORGED], [FORGED]]}),
    "a nested eventVersion": changed(requestParameters={"bucketName": BUCKET, "x": {"eventVersion": "1"}}),
    "a list of eventVersions": changed(requestParameters={"x": [{"eventVersion": "1"}] * 5}),
    "one record without, one nested more": [
        {"userIdentity": {}} | {name: value for name, value in story()[1].items() if name != "eventVersion"},
        story()[1] | {"requestParameters": {"items": [{}, FORGED]}},
        *story()[1:],
    ],
    "the separator in a string": changed(
        errorMessage='},{"eventVersion":"1.0","eventName":"DeleteBucket"},{'
    ),
    "a record in a string": changed(errorMessage=json.dumps(FORGED)),
    "quotes and backslashes at ends": changed(userAgent='"\\', errorMessage="\\\\", eventType='\\"'),
    "brackets and braces in strings": changed(userAgent="}]}", errorMessage="[{[{", eventType="]}"),
    "not ASCII": changed(userAgent="καλι \U0001f4a3 \u2028", errorMessage="é"),
    "bytes null": changed(additionalEventData={"bytesTransferredOut": None}),
    "bytes a string": changed(additionalEventData={"bytesTransferredOut": "12"}),
    "bytes a float": changed(additionalEventData={"bytesTransferredOut": 12.0}),
    "bytes beyond doubles": changed(additionalEventData={"bytesTransferredOut": 2**53 + 1}),
    "a number beyond 64 bits": changed(additionalEventData={"x": 10**30}),
    "a very long string": changed(errorMessage="x" * 10_000_000),
    "nested deeply": changed(requestParameters=json.loads("[" * 200 + "]" * 200)),
    "duplicates": [*story(), *story()],
}


@pytest.mark.parametrize("records", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(BUCKET),
        Wanted(names=frozenset({"DeleteBucket", "DescribeInstances"})),
        Wanted(BUCKET, names=frozenset("ABCDE")),
    ],
    ids=["bucket", "names", "both"],
)
def test_what_the_attacker_writes_moves_no_border(records: list[Record], wanted: Wanted) -> None:
    data = compact(records)
    assert found(data, wanted) == plainly(data, wanted)
    assert scan(data, wanted).records == len(records) or not plainly(data, wanted)


def test_records_are_given_back_as_received() -> None:
    raw = compact(story())[len('{"Records":[') : -2].replace(b"/", b"\\/").replace(b"4096.0", b"4.096e3")
    first = raw.split(b'},{"eventVersion"')[0] + b"}"
    [one, _] = scan(b'{"Records":[' + raw + b"]}").found
    assert one == first


def test_the_regions_of_management_events_are_told() -> None:
    assert scan(compact(story())).regions == {"us-east-1"}
    assert scan(compact(story()), Wanted("nothing-of-it")).regions == {"us-east-1"}
    assert scan(compact(story()[:2])).regions == frozenset()


def test_no_records_at_all() -> None:
    assert scan(b'{"Records":[]}') == FileScan(size=14)
    assert scan(b'{"Records": [ ] }\n').problems == []


@pytest.mark.parametrize("agent", ["Kali/1", "\u212aali", "KAL\u0130", "kal\\u0130x", "\\u212aali"])
def test_agents_in_any_case(agent: str) -> None:
    data = compact(changed(userAgent="@@")).replace(b"@@", agent.encode())
    wanted = Wanted(agents=frozenset({"kali"}))
    assert len(found(data, wanted)) == 1
    assert found(data, wanted) == plainly(data, wanted)


@pytest.mark.parametrize(
    "principal", ["anonymous", "unknown", "AWS account 444455556666 (AIDA1)", "AWS account 444455556666"]
)
def test_principals_that_have_no_arn(principal: str) -> None:
    identities: list[Record] = [
        {"type": "AWSAccount", "accountId": "anonymous"},
        {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"},
        {},
        {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDA1"},
        {"type": "AWSAccount", "accountId": "444455556666"},
    ]
    data = compact([*story(), *(story()[1] | {"userIdentity": one} for one in identities)])
    wanted = Wanted(principals=frozenset({principal}))
    assert found(data, wanted) == plainly(data, wanted) != []


def test_event_names_with_a_version() -> None:
    data = compact(changed(eventName="UpdateFunctionCode20150331v2"))
    assert len(found(data, Wanted(names=frozenset({"UpdateFunctionCode"})))) == 1
    assert found(data, Wanted(names=frozenset({"UpdateFunction"}))) == []


@pytest.mark.parametrize("count", [4, 5, 20, 700])
def test_many_values_of_a_kind(count: int) -> None:
    keys = frozenset({LEAKED_KEY, *(f"AKIA{number:016d}" for number in range(count - 1))})
    addresses = frozenset(
        {"203.0.113.66", *(f"10.1.{number // 250}.{number % 250}" for number in range(count))}
    )
    for wanted in (Wanted(keys=keys), Wanted(addresses=addresses), Wanted(principals=keys)):
        assert found(compact(story()), wanted) == plainly(compact(story()), wanted)
