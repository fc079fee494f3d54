from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.access_logs import find
from bot.evidence.access_logs.find import LineFinder
from bot.evidence.access_logs.line import LONGEST
from bot.evidence.events import BadRecordError
from bot.evidence.wanted import Wanted
from tests.evidence.access_logs.lines import (
    BUCKET,
    OWNER,
    ROLE,
    SESSION,
    THIEF_IP,
    USER,
    anonymous,
    copied_from,
    expired,
    line,
    lines_written,
    numbered,
    presigned,
    real_lines,
    written,
)

KEY = "AKIASIGNER0000000001"

#: One line for each way to be wanted, and the ways not to be.
LINES = [
    line(),
    line(bucket="other", host="other.s3.amazonaws.com"),
    line(bucket=f"{BUCKET}-2", host="x"),
    line(
        bucket="other",
        host="x",
        key=BUCKET,
        request_uri=f'"GET /{BUCKET}/ HTTP/1.1"',
        user_agent=f'" {BUCKET} ["',
    ),
    line(bucket="other", host="x", remote_ip=THIEF_IP),
    line(bucket="other", host="x", remote_ip=THIEF_IP + "0"),
    line(bucket="other", host="x", user_agent=f'"{THIEF_IP}"'),
    line(bucket="other", host="x", requester=SESSION),
    line(bucket="other", host="x", requester=SESSION.replace("payroll-app", "payroll-application")),
    line(bucket="other", host="x", requester=OWNER),
    line(bucket="other", host="x", operation="REST.PUT.BUCKETPOLICY", key="-"),
    line(bucket="other", host="x", operation="REST.GET.ACL"),
    line(bucket="other", host="x", user_agent='"Mozilla KALI"'),
    line(bucket="other", host="x", user_agent='"\u212aali"'),
    presigned(bucket="other", host="x"),
    presigned("AKIASIGNER00000%3000001", bucket="other", host="x"),
    presigned(bucket="other", host="x", requester="-"),
    copied_from(bucket="other", host=f"{BUCKET.upper()}.s3.amazonaws.com"),
    copied_from(host="x"),
    anonymous(bucket="other", host="x"),
    line(bucket="other", host="x", requester="whoever"),
    line(bucket="other", host="x", requester="arn:aws:sts::1:federated-user/bob"),
    expired(bucket="other"),
    line(requester="svc:delivery.logs.amazonaws.com", bucket="other"),
    line(time="[29/Feb/2024:12:00:00 +0000]"),
    line(time="[29/Feb/2025:12:00:00 +0000]"),
    line(request_uri='"GET /"quoted" HTTP/1.1"'),
    line()[:200],
    b"",
    b"nothing of the sort",
]
WANTED = [
    Wanted(bucket=BUCKET),
    Wanted(bucket="other", addresses=frozenset({THIEF_IP})),
    Wanted(addresses=frozenset({THIEF_IP, "s3.amazonaws.com"})),
    Wanted(keys=frozenset({KEY})),
    Wanted(principals=frozenset({USER})),
    Wanted(principals=frozenset({ROLE.replace("role/", "role/with/path/")})),
    Wanted(principals=frozenset({"anonymous"})),
    Wanted(principals=frozenset({f"canonical user {OWNER}", "s3.amazonaws.com"})),
    Wanted(names=frozenset({"PutBucketPolicy", "GetObjectAcl", "CopyObject", "S3.EXPIRE.OBJECT"})),
    Wanted(agents=frozenset({"kali"})),
    *(
        Wanted(kinds=frozenset({kind}))
        for kind in ("Root", "AWSService", "AssumedRole", "IAMUser", "AWSAccount")
    ),
    Wanted(kinds=frozenset({"Unknown", "FederatedUser"})),
    Wanted(BUCKET, frozenset({"HeadBucket"}), frozenset({KEY}), frozenset({SESSION}), frozenset({THIEF_IP})),
    Wanted(),
]


def _named(wanted: Wanted) -> str:
    """The same in every process, unlike a set's own text."""
    return str(
        {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in vars(wanted).items()
            if value
        }
    )


def slowly(lines: list[bytes], finder: LineFinder) -> Counter[bytes]:
    """Every line read, one by one."""
    found: Counter[bytes] = Counter()
    for one in lines:
        try:
            found[one] += finder.holds(one)
        except BadRecordError:
            continue
    return +found


def same(data: bytes, wanted: Wanted) -> find.FoundLines:
    """What the search finds, which is what reading every line finds."""
    finder = LineFinder(wanted)
    found = finder.find(data)
    assert set(found.lines) == set(slowly(data.replace(b"\r\n", b"\n").split(b"\n"), finder))
    return found


@pytest.mark.parametrize("wanted", WANTED, ids=_named)
def test_finds_what_reading_every_line_finds(wanted: Wanted) -> None:
    same(b"\n".join(LINES) + b"\n", wanted)
    same(b"\r\n".join(LINES), wanted)
    # Mostly the bucket's own lines: the search then looks for those that are not.
    same(b"\n".join([*LINES, *numbered(100)]), wanted)


@pytest.mark.parametrize("wanted", WANTED[1:], ids=_named)
def test_the_lines_are_a_test_of_every_wanted_value(wanted: Wanted) -> None:
    found = slowly(LINES, LineFinder(wanted))
    assert bool(found) == bool(wanted)
    assert len(found) < len(LINES) - 5


def test_real_lines(real_data: Path) -> None:
    lines = [raw for name in ("aws_docs_example", "dandi", "ncbi") for raw in real_lines(real_data, name)]
    for bucket, count in (("dandiarchive", 24), ("sra-pub-run-1", 9), ("sra-pub-sars-cov2", 1)):
        found = same(b"\n".join(lines), Wanted(bucket=bucket))
        assert (
            len(slowly(lines, LineFinder(Wanted(bucket=bucket))).keys() - set(found.lines)),
            found.bad,
        ) == (0, [])
        assert len([raw for raw in lines if raw in set(found.lines)]) == count


@given(
    st.lists(lines_written().map(written) | st.sampled_from(LINES) | st.binary(max_size=300), max_size=8),
    st.sampled_from(WANTED),
    st.booleans(),
)
def test_any_lines(lines: list[bytes], wanted: Wanted, own: bool) -> None:
    more = list(numbered(20)) if own else []
    same(b"\n".join(more + [raw.replace(b"\n", b" ").replace(b"\r", b" ") for raw in lines]), wanted)


@given(st.integers(0, 500), st.binary(min_size=1, max_size=4))
def test_any_damage_to_a_plain_line(place: int, noise: bytes) -> None:
    whole = line()
    damaged = (whole[:place] + noise + whole[place + len(noise) :]).replace(b"\n", b" ").replace(b"\r", b" ")
    same(b"\n".join([damaged, *numbered(3)]), Wanted(bucket=BUCKET))


def test_a_plain_log_of_the_bucket_is_not_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> None:
        raise AssertionError("a plain line was read")

    data = b"\n".join(numbered(1000)) + b"\n"
    finder = LineFinder(Wanted(bucket=BUCKET, addresses=frozenset({THIEF_IP})))
    monkeypatch.setattr(find, "line_in", never)
    found = finder.find(data)
    assert (len(found.lines), found.records) == (1000, 1000)


def test_bad_lines_are_told_and_hide_no_other() -> None:
    for own in (1, 50):
        good = list(numbered(own))
        found = LineFinder(Wanted(bucket=BUCKET)).find(b"\n".join([line()[:200], b"garbage", *good]))
        assert sorted(raw for raw, _ in found.bad) == sorted([line()[:200], b"garbage"])
        assert sorted(found.lines) == good
        assert found.records == own + 2


def test_lines_longer_than_any_are_bad() -> None:
    long = line(user_agent=f'"{"x" * LONGEST}"')
    found = LineFinder(Wanted(bucket=BUCKET)).find(b"\n".join([long, line()]))
    assert (found.lines, [raw for raw, _ in found.bad]) == ([line()], [long])


def test_nothing_in_nothing() -> None:
    found = LineFinder(Wanted(bucket=BUCKET)).find(b"")
    assert (found.lines, found.records, found.bad) == ([], 0, [])
