"""R40 follows an opening where there is no Access Analyzer; what people must decide is said in words."""

import pytest

from bot.evidence.clues import analyzer, config
from bot.evidence.clues.gathered import Gathered
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Coverage, Investigation
from tests.evidence.proposing.test_seeing import THIEF, opened, proposed
from tests.evidence.records import ACCOUNT, BUCKET, WINDOW, Log
from tests.evidence.story import Records

HERE = [{"account": ACCOUNT}]


def told(log: Log, **answers: str) -> Investigation:
    """An investigation in which AWS's other services answered so."""
    subjects = {"analyzer": analyzer.SUBJECT, "recorder": config.SUBJECT}
    rows = tuple(
        Coverage.model_validate({"subject": subjects[name], "answer": answer, "because": "So it is."})
        for name, answer in answers.items()
    )
    question = Question(bucket=BUCKET, window=WINDOW)
    return investigate(question, [Records(log.records)], facts=lambda _: Gathered(coverage=rows))


@pytest.mark.parametrize(
    ("answers", "watched", "ruled"),
    [
        ({"analyzer": "no", "recorder": "yes"}, HERE, True),
        ({"analyzer": "yes", "recorder": "no"}, [], False),
        ({"analyzer": "cannot_know", "recorder": "cannot_know"}, [], False),
        ({}, [], False),
    ],
    ids=["none there", "there", "not known", "not asked"],
)
def test_what_watches_is_switched_on_where_it_is_known_to_be_off(
    answers: dict[str, str], watched: list[dict[str, str]], ruled: bool
) -> None:
    result = told(opened(), **answers)
    assert proposed(result, "R40") == watched
    assert any("(R39)" in one for one in result.next_steps) is ruled
    assert not proposed(result, "R39")


def test_without_an_opening_nothing_of_it_is_proposed() -> None:
    log = Log()
    log.call(THIEF, "iam", "CreateUser", requestParameters={"userName": "helpdesk"})
    result = told(log, analyzer="no", recorder="yes")
    assert not proposed(result, "R40")
    assert not any("(R39)" in one for one in result.next_steps)


def test_what_people_must_decide_is_said_in_words_and_never_a_plan() -> None:
    log = opened()
    log.call(THIEF, "cloudtrail", "StopLogging", requestParameters={"name": "acme"})
    log.bucket(THIEF, "PutBucketVersioning", VersioningConfiguration={"Status": "Suspended"})
    result = told(log)
    said = " ".join(result.next_steps)
    assert "(R38): propose it by hand with the trail" in said
    assert "(R42, GOVERNANCE" in said
    assert "MFA Delete (R43" in said
    assert not [one for one in result.proposals if one.remediation in ("R38", "R42", "R43", "R31")]
    quiet = " ".join(told(opened()).next_steps)
    assert "R38" not in quiet
    assert "R42" not in quiet
