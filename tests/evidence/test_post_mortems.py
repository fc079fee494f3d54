"""What others went through, judged: who, with what, what to do; and who is left alone."""

from __future__ import annotations

import pytest

from bot.evidence.report import Investigation
from tests.evidence import post_mortems
from tests.evidence.post_mortems import AWAY, KALI, VPN
from tests.evidence.records import CI_IP, LEAKED_KEY, SECOND_KEY, Log, user
from tests.evidence.stories import LINUX, MAC, read_all
from tests.evidence.story import ask, labels, steps


def suspicious_places(result: Investigation) -> set[str]:
    return {one.source_ip for actor in result.suspects for one in actor.origins if one.suspicious}


def test_a_web_apps_script_replaced_with_a_developers_session() -> None:
    result = ask(post_mortems.web_content_replaced())
    assert labels(result) == {"ben": "suspect", "ci": "known"}
    assert suspicious_places(result) == {VPN}
    assert steps(result) == [("R5", {"role": "Developer"})]
    assert "they also wrote to it 2 times" in result.verdict
    assert any(
        "what a suspect wrote, before anybody uses it: _next/app.js" in one for one in result.next_steps
    )


def test_a_ransom_by_a_key_that_nobody_saw_before() -> None:
    result = ask(post_mortems.ransom_by_another_key())
    assert labels(result) == {"backup-writer": "suspect"}
    assert [row for row, _ in steps(result)] == ["R2", "R1", "R14", "R29", "R35", "R44"]
    assert "40 calls with a key that only the caller has" in result.answer("E21").because
    assert any(finding.rule == "D17" for finding in result.findings)
    assert result.next_steps[0].startswith("Carry out the 6 proposed changes")


def test_a_nodes_credentials_and_the_state_file() -> None:
    result = ask(post_mortems.from_the_pod_to_the_state_file())
    assert labels(result) == {"i-0317f6c6b66ae9c40": "suspect", "tf-admin": "unclear"}
    assert suspicious_places(result) == {AWAY}
    assert steps(result) == [("R5", {"role": "eks-node"})]
    assert (
        "Change the credentials in the files that were read: env/prod/terraform.tfstate." in result.next_steps
    )


def test_a_person_taken_over_at_the_identity_provider() -> None:
    result = ask(post_mortems.help_desk_and_identity_provider())
    assert result.verdict.startswith("SAML user dora@example.com (")
    assert set(labels(result).values()) == {"suspect"}
    assert suspicious_places(result) == {VPN}
    assert [row for row, _ in steps(result)] == ["R2", "R1", "R9", "R10"]
    assert any("prod/db, prod/github" in one for one in result.next_steps)


def test_a_key_tried_by_a_machine_and_used_slowly() -> None:
    result = ask(post_mortems.keys_in_a_git_config())
    (suspect,) = result.suspects
    assert suspicious_places(result) == {AWAY}
    assert "Tried several ways to stay, and was refused: AttachUserPolicy and CreateUser" in suspect.reasons
    assert "made ways to stay" not in result.verdict
    assert steps(result) == [
        ("R2", {"user": "mailer"}),
        ("R1", {"user": "mailer", "access_key_id": "AKIAMAILER0000000001"}),
    ]


def refused(log: Log) -> None:
    """Somebody without the rights for it sets up users, from home, and reads in bulk."""
    admin = user("data-engineer", LEAKED_KEY, CI_IP, LINUX)
    for name in ("CreateUser", "CreateRole", "AttachRolePolicy"):
        log.wait(minutes=1).denied(admin, "iam", name)
    read_all(log, admin, 60)


def with_kali(log: Log) -> None:
    """A pentester who always works with that tool, from one place."""
    tester = user("pentest", SECOND_KEY, CI_IP, KALI)
    read_all(log, tester, 5)


def another_machine(log: Log) -> None:
    """A colleague's laptop and, days later, another one elsewhere."""
    read_all(log, user("anna", LEAKED_KEY, CI_IP, MAC), 5)
    read_all(log.wait(days=2), user("anna", LEAKED_KEY, "198.51.100.200", LINUX), 5)


@pytest.mark.parametrize("story", [refused, with_kali, another_machine], ids=lambda story: story.__name__)
def test_what_looks_alike_is_none(story: object) -> None:
    log = Log()
    assert callable(story)
    story(log)
    result = ask(log)
    assert not result.suspects
    assert not result.proposals


def test_our_own_scanner_is_looked_at_and_left_alone() -> None:
    result = ask(post_mortems.survey_by_a_scanner_of_ours())
    assert labels(result) == {"prowler": "unclear"}
    assert "Look first at session prowler" in result.verdict
    assert not result.proposals
