"""bot/evidence/README.md: every label is explained and every subject of the coverage named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from bot.evidence import report
from bot.evidence.collect import collect
from bot.evidence.coverage.coverage import cover
from bot.evidence.questions import Question

README = (Path(__file__).parents[2] / "bot" / "evidence" / "README.md").read_text(encoding="utf-8")


def test_every_label_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \| .+ \|$", README, re.MULTILINE)
    assert sorted(explained) == sorted(get_args(report.Label))


def test_the_subjects_of_coverage_are_named() -> None:
    question = Question(bucket="example-bucket")
    for row in cover(collect(question, []), [], None).rows:
        assert row.subject in " ".join(README.split())
