"""Server access logs beside CloudTrail: one request is one event, whoever of the two tells of it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.access_logs import AccessLogFolder
from tests.evidence.access_logs.lines import NOON, THIEF_IP, USER, line
from tests.evidence.records import ACCOUNT, BUCKET, CI_IP, LEAKED_KEY, Log, user
from tests.evidence.story import Records

MARIA = user("ops/maria", LEAKED_KEY, CI_IP, "aws-cli/2.31.0")


def told_by_both(folder: Path, first: bool = True) -> Investigation:
    """CloudTrail has three reads; the access log has the last two of them, and one by somebody unknown."""
    log = Log(now=NOON)
    for number in range(3):
        log.wait(seconds=1).object(MARIA, "GetObject", f"{number}.csv", size=None)
    lines = [
        line(request_id=record["requestID"], key=f"{number}.csv", bytes_sent="10", requester=USER)
        for number, record in enumerate(log.records)
        if number
    ]
    lines.append(line(request_id="NOTTOLD000000001", requester="-", remote_ip=THIEF_IP))
    lines.append(line(request_id="NOTTOLD000000002", bucket="another-bucket"))
    path = folder / "access.log"
    path.write_bytes(b"\n".join(lines) + b"\n")
    sources = [Records(log.records), AccessLogFolder(path)]
    question = Question(bucket=BUCKET, account_id=ACCOUNT)
    return investigate(question, sources if first else sources[::-1])


def test_a_request_that_both_tell_of_is_counted_once(tmp_path: Path) -> None:
    result = told_by_both(tmp_path)
    assert (result.totals.about_bucket, result.totals.access_log_lines, result.totals.joined_lines) == (
        4,
        3,
        2,
    )
    by_name = {actor.principal.rsplit("/", 1)[-1]: actor for actor in result.actors}
    assert (by_name["maria"].get_object_calls, by_name["maria"].distinct_objects) == (3, 3)
    assert by_name["anonymous"].source_ips == (THIEF_IP,)


def test_the_order_of_the_sources_plays_no_part(tmp_path: Path) -> None:
    one, other = told_by_both(tmp_path), told_by_both(tmp_path, first=False)
    assert (one.actors, one.totals, one.timeline) == (other.actors, other.totals, other.timeline)


@given(st.permutations(range(5)))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_alone_tell_too_and_a_line_delivered_twice_counts_once(
    tmp_path: Path, order: list[int]
) -> None:
    lines = [
        line(request_id=f"R{number}", key=f"{number}.csv", bytes_sent="10") for number in (0, 1, 2, 3, 0)
    ]
    path = tmp_path / "access.log"
    path.write_bytes(b"\n".join(lines[number] for number in order) + b"\n")
    result = investigate(Question(bucket=BUCKET, account_id=ACCOUNT), [AccessLogFolder(path)])
    (actor,) = result.actors
    assert (actor.get_object_calls, actor.bytes_out, actor.access_key_ids) == (4, 40, ())
    assert (result.totals.duplicates, result.totals.joined_lines) == (1, 0)


def test_lines_alone_do_not_show_that_every_read_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(line(request_id="R1", key="1.csv", bytes_sent="10") + b"\n")
    result = investigate(Question(bucket=BUCKET, account_id=ACCOUNT), [AccessLogFolder(path)])
    (reads,) = (row for row in result.coverage if row.subject == "object reads")
    assert reads.answer == "cannot_know"
    assert "S3 does not promise that they tell of all" in reads.because
    assert result.answer("E8").because.startswith(
        "By everybody else: at least 1 object read by 1 call, at least"
    )
    assert "not an all-clear" in result.verdict
