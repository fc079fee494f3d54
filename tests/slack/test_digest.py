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
    assert "Nothing to report: all 2 checks of 2 buckets came out well." in card.text
    assert f"Account `{ACCOUNT}`, 2 buckets, 2 checks." in card.text
    assert "Buttons" not in card.text


def test_an_account_without_buckets_has_nothing_to_report(house):
    assert "Nothing to report: the account has no bucket." in digest(house, audit(house)).text


def test_the_worst_bucket_comes_first_and_alone_has_a_button(house):
    card = digest(
        house,
        audit(
            house,
            result("aaa", "logging"),
            result("mmm", "policy", severity="high", detail="Almost public."),
            result("zzz", "versioning", detail="Versioning is off: gone is gone."),
            result("zzz", "public_policy", detail="Public: its policy lets anyone in."),
        ),
    )
    assert card.text.startswith("S3 audit: 4 problems in 3 buckets")
    said = card.text.splitlines()[1:8]
    assert said == [
        "*`zzz`*",
        "• *critical* Public: its policy lets anyone in.",
        "*`mmm`*",
        "• *high* Almost public.",
        "*Less urgent*",
        "• *medium* Versioning is off: `zzz`",
        "• *low* It is so: `aaa`",
    ]
    [row] = [block for block in card.payload() if block["type"] == "actions"]
    assert [button["value"] for button in row["elements"]] == [f"{ACCOUNT}:zzz", f"{ACCOUNT}:mmm"]


def test_without_urgent_problems_it_says_so_and_has_no_button(house):
    text = digest(house, audit(house, result("a", "logging"))).text
    assert "*Problems, none of them critical or high*\n• *low* It is so: `a`" in text
    assert "Buttons" not in text


def test_one_problem_of_many_buckets_is_one_line(house):
    off = "MFA Delete is off: a stolen key erases for good."
    five = [result(bucket, "mfa-delete", severity="low", detail=off) for bucket in "edcba"]
    text = digest(house, audit(house, *five)).text
    assert "• *low* MFA Delete is off: `a`, `b` and 3 more\n" in text
    assert text.count("MFA Delete") == 1
    three = digest(house, audit(house, *five[:3], cadence="weekly")).text
    assert "• *low* MFA Delete is off: `c`, `d` and `e`\n" in three


def test_the_ids_of_checks_are_not_shown(house):
    text = digest(house, audit(house, result("a", "public_policy"), result("b", "versioning"))).text
    assert "public_policy" not in text
    assert "versioning" not in text


def test_new_and_fixed_since_the_last_run_of_the_same_kind(house):
    audit(house, result("a", "versioning"), result("b", "logging"), result("gone", "logging"))
    audit(house, result("c", "logging"), cadence="weekly")
    text = digest(
        house,
        audit(
            house,
            result("a", "versioning", "good", detail="Versioning is on."),
            result("b", "logging"),
            result("c", "logging"),
            result("c", "public_policy", detail="Public."),
        ),
    ).text
    said = text.splitlines()[1]
    assert said.startswith("Since the last audit, <!date^")
    assert said.endswith(">: *2 new*, 2 fixed, 1 still there.")
    assert "• *critical, new* Public.\n" in text
    assert "• *low* It is so: `b`\n• *low, new* It is so: `c`\n" in text
    assert (
        "*Fixed since the last audit*\n• `a`: Versioning is on.\n• `gone`: no such bucket any more.\n" in text
    )


def test_nothing_new_is_said(house):
    audit(house, result("a", "versioning"))
    text = digest(house, audit(house, result("a", "versioning"))).text
    assert text.splitlines()[1].startswith("Nothing new and nothing fixed since the last audit, <!date^")
    assert "First" not in text


@pytest.mark.parametrize(
    ("cadence", "kind"), [("daily", "daily audit"), ("asked", "audit that was asked for")]
)
def test_the_first_audit_calls_nothing_new(house, cadence, kind):
    text = digest(house, audit(house, result("a", "versioning"), cadence=cadence)).text
    assert "new" not in text
    assert f"First {kind} in this channel, so there is nothing to compare with." in text


def test_who_asked_is_named(house):
    with house.database.begin() as tx:
        row = audits.start(tx, ACCOUNT, house.channel("security"), "asked", "U0DANA")
        audits.finish(tx, row.id, "done")
    assert "checks. Asked for by <@U0DANA>. First" in digest(house, row.id).text


def test_unknown_is_apart_and_never_good(house):
    text = digest(house, audit(house, result("a", "versioning", "unknown", detail="AccessDenied"))).text
    assert "1 check not possible" in text
    assert "nothing to report" not in text
    assert "*Could not be checked (not the same as good)*\n• `a`: AccessDenied" in text


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
    card = digest(house, audit(house, *(result(f"bucket-{n:03}", "public_policy") for n in range(120))))
    assert card.text.startswith("S3 audit: 120 problems in 120 buckets")
    rows = [block for block in card.payload() if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [5]
    assert "… 115 more buckets: `/s3incident open BUCKET`." in str(card.payload())
    assert "… 105 more buckets with urgent problems." in str(card.payload())


def test_a_button_of_the_digest_opens_the_form_with_that_bucket(listening):
    listening.slack.workspace.channel_named("security").members.append(listening.slack.workspace.bot_user)
    audit_id = audit(
        listening, result("aaa", "policy", severity="high"), result("acme-payroll", "public_policy")
    )
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
