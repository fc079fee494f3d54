"""Reasons within sentences."""

from __future__ import annotations

import pytest

from bot.evidence.wording import clause
from tests.evidence.records import leaked_key
from tests.evidence.story import ask


@pytest.mark.parametrize(
    ("reason", "within"),
    [
        ("Was refused ListBuckets", "was refused ListBuckets"),
        ("A client that attackers use", "a client that attackers use"),
        ("AWS found this user's key", "AWS found this user's key"),
        ("ListBuckets was refused", "ListBuckets was refused"),
        ("Block Public Access was removed", "Block Public Access was removed"),
        ("", ""),
    ],
)
def test_a_reason_within_a_sentence(reason: str, within: str) -> None:
    assert clause(reason) == within


def test_the_verdict_and_the_reasons_of_proposals_read_as_sentences() -> None:
    found = ask(leaked_key())
    first = found.suspects[0].reasons[0]
    assert f"({clause(first)})" in found.verdict
    assert f"({first})" not in found.verdict
    for one in found.proposals:
        assert one.why[0].isupper()
        assert "suspect: Was" not in one.why
