"""The validation of digests: what was taken away, changed or forged is found, and nothing else is."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.digests.objects import Folder
from bot.evidence.digests.report import DigestReport, Kind
from bot.evidence.digests.sentences import summary
from bot.evidence.digests.validate import regions, validate
from tests.evidence.digests.trail import BEGIN, BUCKET, Trail, public_keys

KEYS = public_keys()


def hour(number: float):
    return BEGIN + timedelta(hours=number)


def proven(report: DigestReport) -> list[tuple[float, float]]:
    """The proven spans, in hours since the beginning."""
    hours = timedelta(hours=1)
    return [((span.start - BEGIN) / hours, (span.end - BEGIN) / hours) for span in report.spans]


def found(report: DigestReport) -> list[tuple[Kind, str]]:
    return [(problem.kind, problem.what) for problem in report.problems]


@pytest.fixture
def trail() -> Trail:
    made = Trail(prefix="central/")
    made.hours(6)
    return made


def digests(trail: Trail) -> list[str]:
    return sorted(key for key in trail.files if "CloudTrail-Digest" in key)


def test_a_whole_chain_is_proven_from_end_to_end(trail: Trail) -> None:
    report = validate(trail, None, KEYS)
    assert (report.digests, report.proven, report.validated, report.matching) == (6, 6, 12, 0)
    assert (found(report), report.unlisted, report.tampered) == ([], (), False)
    assert proven(report) == [(0, 6)]
    chain = "trail acme_trail-1 of 111122223333 in eu-central-1"
    times = "from 2026-11-23 00:00 to 2026-11-23 06:00 UTC"
    assert summary(report) == [f"Proven complete and unchanged {times} ({chain})."]
    assert report.complete((hour(1), hour(5)), "eu-central-1")
    assert not report.complete((hour(1), hour(7)), "eu-central-1")
    assert not report.complete((hour(1), hour(5)), "us-east-1")


@pytest.mark.parametrize("below", ["", "central/", "central/AWSLogs/111122223333/"])
def test_a_copy_on_disk_is_proven_but_for_its_newest_hour(trail: Trail, tmp_path: Path, below: str) -> None:
    """The newest signature lies in S3's metadata, which a copy has not."""
    report = validate(Folder(trail.copy_to(tmp_path / "copy", below)), None, KEYS)
    assert (report.digests, report.proven, report.validated, report.matching) == (6, 5, 10, 2)
    assert proven(report) == [(0, 5)]
    assert found(report) == [("not proven", digests(trail)[-1].removeprefix(below))]
    assert not report.tampered


def test_a_removed_log_file_is_named_and_its_hour_is_not_proven(trail: Trail) -> None:
    gone = trail.logs[5]
    del trail.files[gone]
    report = validate(trail, None, KEYS)
    assert found(report) == [("log missing", gone)]
    assert proven(report) == [(0, 2), (3, 6)]
    assert report.tampered


def test_a_changed_log_file_is_named(trail: Trail) -> None:
    changed = trail.logs[0]
    content = gzip.decompress(trail.files[changed])
    trail.files[changed] = gzip.compress(content.replace(b"GetObject", b"HeadObject"))
    report = validate(trail, None, KEYS)
    assert found(report) == [("log changed", changed)]
    assert proven(report) == [(1, 6)]


def test_a_log_file_packed_anew_is_the_same(trail: Trail) -> None:
    """The digest's hash is of the content; a copy that was unpacked and packed again is as good."""
    for key in trail.logs:
        trail.files[key] = gzip.compress(gzip.decompress(trail.files[key]), compresslevel=1)
    assert not validate(trail, None, KEYS).problems


def test_a_damaged_log_file_is_named(trail: Trail) -> None:
    broken = trail.logs[3]
    trail.files[broken] = trail.files[broken][:-10]
    report = validate(trail, None, KEYS)
    assert found(report) == [("log unreadable", broken)]


def test_a_removed_digest_is_named_with_the_time_it_leaves_dark(trail: Trail) -> None:
    gone = digests(trail)[2]
    del trail.files[gone]
    report = validate(trail, None, KEYS)
    assert found(report) == [("digest missing", gone), ("gap", digests(trail)[2])]
    assert "from 2026-11-23T02:00:00Z to 2026-11-23T03:00:00Z" in report.problems[1].why
    assert proven(report) == [(0, 2), (3, 6)]


def test_a_removed_hour_with_its_logs_is_named_too(trail: Trail) -> None:
    gone = digests(trail)[2]
    for key in [gone, *trail.logs[4:6]]:
        del trail.files[key]
    report = validate(trail, None, KEYS)
    assert ("digest missing", gone) in found(report)
    assert proven(report) == [(0, 2), (3, 6)]


def forge(trail: Trail, number: int, **more: object) -> str:
    """Changes a digest's content and packs it again; the signature cannot be made."""
    key = digests(trail)[number]
    content = json.loads(gzip.decompress(trail.files[key])) | more
    trail.files[key] = gzip.compress(json.dumps(content).encode())
    return key


def test_a_forged_digest_is_named_and_hides_nothing(trail: Trail) -> None:
    """A log file is taken away, and the digest no longer lists it."""
    del trail.files[trail.logs[5]]
    key = digests(trail)[2]
    listed = json.loads(gzip.decompress(trail.files[key]))["logFiles"][:1]
    forge(trail, 2, logFiles=listed)
    report = validate(trail, None, KEYS)
    assert found(report) == [("digest changed", key)]
    assert proven(report) == [(0, 2), (3, 6)]
    assert (report.validated, report.matching) == (10, 1)


def test_the_newest_digest_forged_is_named(trail: Trail) -> None:
    key = forge(trail, 5, logFiles=[])
    report = validate(trail, None, KEYS)
    assert found(report) == [("digest forged", key)]
    assert proven(report) == [(0, 5)]


def test_a_forged_digest_cannot_accuse_the_one_before_it(trail: Trail) -> None:
    key = forge(trail, 3, previousDigestHashValue="0" * 64)
    assert found(validate(trail, None, KEYS)) == [("digest changed", key)]


def test_another_key_with_the_right_fingerprint_proves_nothing(trail: Trail) -> None:
    report = validate(trail, None, public_keys(1))
    assert {kind for kind, _ in found(report)} == {"digest forged"}
    assert (report.proven, report.validated, report.matching, proven(report)) == (0, 0, 12, [])


def test_without_keys_links_and_hashes_are_checked_and_nothing_is_proven(trail: Trail) -> None:
    report = validate(trail, None, {})
    assert {kind for kind, _ in found(report)} == {"not proven"}
    assert (report.tampered, report.matching, proven(report)) == (False, 12, [])
    assert summary(report)[0].startswith("Nothing is proven")
    forge(trail, 2, logFiles=[])
    assert ("digest changed", digests(trail)[2]) in found(validate(trail, None, {}))


def test_an_unknown_fingerprint_is_not_proven_and_not_called_forged(trail: Trail) -> None:
    report = validate(trail, None, {"another": next(iter(KEYS.values()))})
    assert {kind for kind, _ in found(report)} == {"not proven"}
    assert "31e8b5433410dfb61a9dc45cc65b22ff" in report.problems[0].why


def test_an_old_digest_under_another_name_is_moved(trail: Trail) -> None:
    first, third = digests(trail)[0], digests(trail)[2]
    trail.files[third], trail.signatures[third] = trail.files[first], trail.signatures[first]
    report = validate(trail, None, KEYS)
    assert ("digest moved", third) in found(report)
    assert proven(report) == [(0, 2), (3, 6)]


def test_the_digests_of_another_bucket_prove_nothing_here(trail: Trail) -> None:
    trail.bucket = "acme-another-bucket"
    report = validate(trail, None, KEYS)
    assert {kind for kind, _ in found(report)} == {"digest moved"}
    assert proven(report) == []


def test_logging_that_was_off_is_a_gap(trail: Trail) -> None:
    trail.previous = None
    trail.hours(2, hour(9))
    report = validate(trail, None, KEYS)
    assert [kind for kind, _ in found(report)] == ["gap"]
    assert proven(report) == [(0, 6), (9, 11)]
    assert not report.tampered


def test_an_hour_without_events_is_proven_too(trail: Trail) -> None:
    trail.digest(hour(7), [])
    assert proven(validate(trail, None, KEYS)) == [(0, 7)]


def test_a_chain_that_begins_anew_without_a_gap_is_told(trail: Trail) -> None:
    trail.previous = None
    trail.hours(1, hour(6))
    report = validate(trail, None, KEYS)
    assert found(report) == [("gap", digests(trail)[6])]
    assert proven(report) == [(0, 6), (6, 7)]


def test_digests_delivered_late_are_a_chain_of_their_own(trail: Trail) -> None:
    log = trail.log(hour(2.5), 7)
    trail.previous = None
    trail.digest(hour(3), [log], backfill=True)
    report = validate(trail, None, KEYS)
    assert (report.validated, found(report), report.unlisted) == (13, [], ())
    assert proven(report) == [(0, 6)]


def test_a_log_file_that_no_digest_lists_is_told(trail: Trail) -> None:
    """Somebody who can write to the bucket can put false evidence there."""
    planted = trail.log(hour(2.5), 666)
    report = validate(trail, None, KEYS)
    assert report.unlisted == (planted,)
    assert "1 log files are listed in no digest" in summary(report)[-1]


def test_a_log_file_of_the_last_minutes_is_not_yet_listed_anywhere(trail: Trail) -> None:
    trail.log(hour(6) + timedelta(minutes=5), 1)
    assert validate(trail, None, KEYS).unlisted == ()


def test_a_window_reads_its_own_digests_only(trail: Trail) -> None:
    read: list[str] = []
    real = trail.fetch
    trail.fetch = lambda name: (read.append(name), real(name))[1]  # type: ignore[method-assign]
    report = validate(trail, (hour(2.5), hour(2.75)), KEYS)
    assert digests(trail)[0] not in read
    assert report.complete((hour(2.5), hour(2.75)), "eu-central-1")


def test_two_regions_are_two_chains(trail: Trail) -> None:
    other = Trail(prefix="central/", region="us-east-1")
    other.hours(2)
    trail.files |= other.files
    trail.signatures |= other.signatures
    report = validate(trail, None, KEYS)
    assert {span.chain.region for span in report.spans} == {"eu-central-1", "us-east-1"}
    assert not report.problems
    assert regions(trail) == {"eu-central-1", "us-east-1"}


def test_a_place_without_digests_says_how_to_have_them(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    report = validate(Folder(tmp_path), None, KEYS)
    assert (report.digests, report.tampered) == (0, False)
    assert "EnableLogFileValidation" in summary(report)[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"[]"), gzip.compress(b'{"digestStartTime":1}'), gzip.compress(b"\xff")],
)
def test_what_is_no_digest_is_named(trail: Trail, content: bytes) -> None:
    key = digests(trail)[1]
    trail.files[key] = content
    report = validate(trail, None, KEYS)
    assert ("digest unreadable", key) in found(report)
    assert proven(report) == [(0, 1), (2, 6)]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_single_loss_or_change_goes_unseen(data: st.DataObject) -> None:
    trail = Trail()
    trail.hours(4)
    key = data.draw(st.sampled_from(sorted(trail.files)))
    way = data.draw(st.sampled_from(["remove", "change", "swap"]))
    if way == "remove":
        del trail.files[key]
    elif way == "change":
        content = bytearray(gzip.decompress(trail.files[key]))
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        trail.files[key] = gzip.compress(bytes(content))
    else:
        other = data.draw(st.sampled_from(sorted(set(trail.files) - {key})))
        trail.files[key], trail.files[other] = trail.files[other], trail.files[key]
    report = validate(trail, (hour(0), hour(4)), KEYS)
    assert not report.complete((hour(0), hour(4)), "eu-central-1")


def test_the_order_of_files_plays_no_part(trail: Trail) -> None:
    whole = validate(trail, None, KEYS)
    shuffled = list(trail.files.items())
    Random(7).shuffle(shuffled)
    trail.files = dict(shuffled)
    assert validate(trail, None, KEYS) == whole
    assert whole.where == f"s3://{BUCKET}"
