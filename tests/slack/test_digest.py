"""The audit digest, and what it calls new, fixed and unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import names
from bot.slack.cards import deck
from bot.slack.cards.changes import changes
from bot.store import audits, ledger, outbox
from bot.store.tables.audits import AuditResult
from tests.slack.house import ACCOUNT
from tests.slack.validated import taken

BAD = {"public_policy": "critical", "versioning": "medium", "logging": "low"}


def result(bucket, check, status="bad", severity=None, detail="It is so."):
    severity = severity or BAD.get(check, "medium")
    return AuditResult(bucket=bucket, check=check, status=status, severity=severity, detail=detail)


def audit(house, *results, state="done", cadence="daily", **values):
    with house.database.begin() as tx:
        row = audits.start(tx, ACCOUNT, house.channel("security"), cadence, None)
        for one in results:
            one.audit_id = row.id
        audits.add_results(tx, results)
        if state != "running":
            audits.finish(tx, row.id, state, **values)
        return row.id


def digest(house, audit_id):
    with house.database.read() as tx:
        return taken(deck.draw(tx, house.settings, "digest", {"audit_id": audit_id}))


def test_nothing_wrong_is_said_and_not_left_out(house):
    card = digest(house, audit(house, result("a", "versioning", "good"), result("b", "versioning", "good")))
    assert card.text.startswith("S3 audit: nothing to report")
    assert "2 buckets, 2 checks, daily" in card.text
    assert "Buttons" not in card.text


def test_the_worst_bucket_comes_first_with_its_button(house):
    card = digest(
        house,
        audit(house, result("aaa", "logging"), result("zzz", "versioning"), result("zzz", "public_policy")),
    )
    assert card.text.startswith("S3 audit: 3 problems in 2 buckets")
    assert card.text.index("zzz") < card.text.index("aaa")
    assert card.text.index("public policy") < card.text.index("versioning")
    [row] = [block for block in card.payload() if block["type"] == "actions"]
    assert [button["value"] for button in row["elements"]] == [f"{ACCOUNT}:zzz", f"{ACCOUNT}:aaa"]


def test_new_and_fixed_since_the_last_run_of_the_same_kind(house):
    audit(house, result("a", "versioning"), result("b", "logging"))
    audit(house, result("c", "logging"), cadence="weekly")
    card = digest(
        house, audit(house, result("a", "versioning", "good"), result("b", "logging"), result("c", "logging"))
    )
    new = card.text[card.text.index("New since") : card.text.index("Fixed since")]
    fixed = card.text[card.text.index("Fixed since") : card.text.index("Account")]
    assert "`c`" in new
    assert "`b`" not in new
    assert "`a`" in fixed


def test_the_first_audit_calls_nothing_new(house):
    text = digest(house, audit(house, result("a", "versioning"))).text
    assert "New since" not in text
    assert "the first of its kind" in text


def test_unknown_is_apart_and_never_good(house):
    text = digest(house, audit(house, result("a", "versioning", "unknown", detail="AccessDenied"))).text
    assert "1 check not possible" in text
    assert "nothing to report" not in text
    assert "Could not be checked (not the same as good)" in text


def test_a_failed_audit_says_why(house):
    text = digest(house, audit(house, state="failed", error="ListBuckets was refused <!here>")).text
    assert "could not be completed" in text
    assert "ListBuckets was refused &lt;!here&gt;" in text


def test_a_running_audit_says_so(house):
    assert "under way" in digest(house, audit(house, state="running")).text


def test_the_ledger_head_is_published(house):
    with house.database.begin() as tx:
        entry = ledger.append(tx, "s3incident", "test")
    assert f"#{entry.seq} {entry.hash[:12]}" in digest(house, audit(house, result("a", "versioning"))).text


def test_many_bad_buckets_get_five_buttons_and_a_count(house):
    card = digest(house, audit(house, *(result(f"bucket-{n:03}", "versioning") for n in range(120))))
    assert card.text.startswith("S3 audit: 120 problems in 120 buckets")
    rows = [block for block in card.payload() if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [5]
    assert "… 115 more buckets: `/s3incident open BUCKET`." in str(card.payload())
    assert "… 105 more buckets with problems." in str(card.payload())


def test_a_button_of_the_digest_opens_the_form_with_that_bucket(listening):
    listening.slack.workspace.channel_named("security").members.append(listening.slack.workspace.bot_user)
    audit_id = audit(listening, result("aaa", "logging"), result("acme-payroll", "public_policy"))
    with listening.database.begin() as tx:
        place = outbox.Place(listening.channel("security"))
        outbox.say(tx, "digest", place, "digest", {"audit_id": audit_id})
    listening.deliver()
    shown = listening.dana.wait_for("security", "S3 audit")
    listening.dana.click(shown, f"{names.OPEN_FROM_AUDIT}.1")
    modal = listening.dana.modal()
    [bucket] = [one for one in modal.view.blocks if one.get("block_id") == names.BUCKET]
    assert bucket["element"]["initial_value"] == "aaa"


RESULTS = st.lists(
    st.builds(
        result,
        st.sampled_from("abc"),
        st.sampled_from(list(BAD)),
        st.sampled_from(["good", "bad", "unknown"]),
    ),
    unique_by=lambda one: (one.bucket, one.check),
)


@given(RESULTS | st.none(), RESULTS)
def test_changes_count_each_finding_once(before, now):
    found = changes(before, now)
    bad = {(one.bucket, one.check) for one in now if one.status == "bad"}
    shown = [(one.bucket, one.check) for one in (*found.new, *found.still)]
    assert sorted(shown) == sorted(bad)
    assert before is not None or not (found.new or found.fixed)
    unknown = {(one.bucket, one.check) for one in found.unknown}
    fixed = {(one.bucket, one.check) for one in found.fixed}
    assert not fixed & (bad | unknown)
    was_bad = {(one.bucket, one.check) for one in before or () if one.status == "bad"}
    assert fixed <= was_bad
    assert was_bad <= fixed | bad | unknown


@pytest.mark.parametrize(
    ("was", "now", "where"), [("bad", "bad", "still"), ("good", "bad", "new"), ("unknown", "bad", "new")]
)
def test_where_a_bad_finding_goes(was, now, where):
    found = changes([result("a", "logging", was)], [result("a", "logging", now)])
    assert [one.bucket for one in getattr(found, where)] == ["a"]
