"""Reading rule files: what is wrong is named, and the rest goes on."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.detections.sigma.files import PLACEHOLDERS, read

RULE = """
title: A rule
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection:
    s: {eventName: A}
    condition: s
"""


COUNT = """
title: Many
correlation: {type: event_count, rules: a, timespan: 1m, condition: {gte: 2}}
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_a_broken_file_does_not_keep_others_from_loading(tmp_path: Path) -> None:
    folder = write(tmp_path / "deep" / "er", good=RULE, broken="title: [")
    found = read([folder.parent])
    assert [rule.title for rule, _ in found.rules] == ["A rule"]
    [problem] = found.problems
    assert problem.path == folder / "broken.yml"
    assert "It is no YAML" in problem.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty."),
        ("- a\n- b\n", "a rule is a mapping"),
        ("just text", "a rule is a mapping"),
        (RULE + "title: twice\n", "Duplicate key 'title'"),
        (RULE.replace("eventName: A", "eventName|sounds_like: A"), "Unknown modifier 'sounds_like'"),
        (RULE.replace("    condition: s\n", ""), "must contain at least one condition"),
        (RULE.replace("logsource: {product: aws, service: cloudtrail}", ""), "must have a log source"),
        (RULE.replace("detection:\n    s: {eventName: A}\n    condition: s\n", ""), "detection"),
        (RULE.replace("title: A rule", "level: deadly\ntitle: A rule"), "deadly"),
        (RULE.replace("eventName: A", "eventName|re: '('"), "regular expression|Regular expression"),
        (RULE.replace("{eventName: A}", "{}"), "Detection is empty"),
        (RULE.replace("detection:", "tags: 5\ndetection:"), "It is no Sigma rule|tags"),
        ("title: t\ncorrelation: 5\n", "must be a dict"),
        (COUNT.replace("event_count", "value_count"), "without field reference"),
        (COUNT.replace("1m", "1 minute"), "Timespan '1 minute' is invalid"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, reason: str) -> None:
    found = read([write(tmp_path, one=text)])
    assert not found.rules
    assert found.problems
    assert all(one.broken for one in found.problems)
    assert any(part in str(one) for one in found.problems for part in reason.split("|"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (RULE.replace("product: aws, service: cloudtrail", "product: windows"), "not CloudTrail's"),
        (RULE.replace("service: cloudtrail", "service: guardduty"), "not CloudTrail's"),
        (RULE.replace("title:", "status: deprecated\ntitle:"), "its status is deprecated"),
        (RULE.replace("title:", "status: unsupported\ntitle:"), "its status is unsupported"),
    ],
)
def test_what_is_left_out_is_said(tmp_path: Path, text: str, reason: str) -> None:
    found = read([write(tmp_path, one=text)])
    [problem] = found.problems
    assert (bool(found.rules), problem.broken) == (False, False)
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("condition", "kind", "group", "bound"),
    [
        ("s | count() by userIdentity.arn > 20", "event_count", ["userIdentity.arn"], {"gt": 20}),
        ("s and not t | count(name) by a, b >= 6", "value_count", ["a", "b"], {"gte": 6, "field": "name"}),
        ("s|count()<2", "event_count", [], {"lt": 2}),
    ],
)  # fmt: skip
def test_old_counting_conditions_become_correlations(
    tmp_path: Path, condition: str, kind: str, group: list[str], bound: dict[str, object]
) -> None:
    text = RULE.replace("condition: s", f"t: {{eventName: B}}\n    condition: {condition}\n    timeframe: 5m")
    found = read([write(tmp_path, one=text)])
    assert not found.problems
    [(rule, _)] = found.correlations
    assert (rule.title, rule.type.name.lower(), rule.timespan.seconds) == ("A rule", kind, 300)
    assert (rule.group_by, rule.condition.to_dict()) == (group, bound)
    assert [part.detection.condition for part, _ in found.rules] == [[condition.partition("|")[0].strip()]]


def test_an_old_count_without_a_time_is_within_a_day(tmp_path: Path) -> None:
    [(rule, _)] = read(
        [write(tmp_path, one=RULE.replace("condition: s", "condition: s | count() > 2"))]
    ).correlations
    assert rule.timespan.seconds == 86_400


@pytest.mark.parametrize("change", ["status: unsupported\ntitle:", "level: deadly\ntitle:"])
def test_what_an_old_rule_counts_is_no_rule_without_it(tmp_path: Path, change: str) -> None:
    counting = RULE.replace("condition: s", "condition: s | count() > 2")
    found = read([write(tmp_path, one=counting.replace("title:", change))])
    assert not found.rules
    assert not found.correlations
    assert len(found.problems) == 1


def test_an_old_counting_rule_that_is_switched_off_goes_with_what_it_counted(tmp_path: Path) -> None:
    counting = RULE.replace("condition: s", "condition: s | count() > 2")
    off = write(tmp_path / "2", one=counting.replace("title:", "status: deprecated\ntitle:"))
    found = read([write(tmp_path / "1", one=counting), off])
    assert not found.rules
    assert not found.correlations


def test_a_rule_without_an_id_that_is_not_run_leaves_others_without_one(tmp_path: Path) -> None:
    nameless = RULE.replace("id: 11111111-1111-4111-8111-111111111111\n", "")
    off = write(tmp_path / "2", one=nameless.replace("title:", "status: deprecated\ntitle:"))
    assert len(read([write(tmp_path / "1", one=nameless), off]).rules) == 1


@pytest.mark.parametrize("said", ["falsepositives: None known", "falsepositives: [None known]"])
def test_false_positives_may_be_one_text(tmp_path: Path, said: str) -> None:
    found = read([write(tmp_path, one=f"{RULE}{said}\n")])
    assert not found.problems
    assert [rule.falsepositives for rule, _ in found.rules] == [["None known"]]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert [one.reason for one in read([tmp_path / "nowhere"]).problems] == ["There is no such folder."]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in read([tmp_path]).problems[0].reason


def test_a_later_folder_replaces_by_id(tmp_path: Path) -> None:
    ours, theirs = write(tmp_path / "1", a=RULE), write(tmp_path / "2", a=RULE.replace("A rule", "Theirs"))
    assert [rule.title for rule, _ in read([ours, theirs]).rules] == ["Theirs"]


def test_a_later_folder_switches_off_by_status(tmp_path: Path) -> None:
    off = RULE.replace("title:", "status: deprecated\ntitle:")
    assert not read([write(tmp_path / "1", a=RULE), write(tmp_path / "2", a=off)]).rules


def test_twins_in_one_folder(tmp_path: Path) -> None:
    found = read([write(tmp_path, a=RULE, b=RULE.replace("A rule", "Another"))])
    assert [rule.title for rule, _ in found.rules] == ["A rule"]
    assert "is taken by" in found.problems[0].reason


def test_several_rules_in_one_file(tmp_path: Path) -> None:
    second = RULE.replace("1111-1111", "2222-2222").replace("A rule", "Second")
    found = read([write(tmp_path, a=f"{RULE}---{second}---\n")])
    assert [rule.title for rule, _ in found.rules] == ["A rule", "Second"]


def test_aliases_that_explode(tmp_path: Path) -> None:
    bomb = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    found = read([write(tmp_path, a=f"a0: &a0 [x]\n{bomb}\n{RULE}")])
    assert any("alias" in one.reason for one in found.problems)


@settings(deadline=None)
@given(st.text("abc:- []{}&*!|>'\"\n\t#%@`", max_size=60))
def test_no_text_at_all_is_too_strange(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = write(tmp_path_factory.mktemp("rules"), one=text, good=RULE)
    assert "A rule" in [rule.title for rule, _ in read([folder]).rules]


_PLAIN = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["x", "s", "aws", "1 of them", "10m"])
)
_RULE_KEYS = ["title", "id", "logsource", "product", "detection", "condition", "s", "f|re", "f|cidr", "f|all"]
_OTHER_KEYS = ["correlation", "type", "rules", "timespan", "group-by", "filter", "tags", "aliases", "action"]
_KEYS = st.sampled_from([*_RULE_KEYS, *_OTHER_KEYS, "level", "status", "related"])
_TREES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5)
)


@settings(deadline=None)
@given(st.dictionaries(_KEYS, _TREES, max_size=6))
def test_no_document_is_too_strange(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]
) -> None:
    folder = write(tmp_path_factory.mktemp("rules"), one=yaml.safe_dump(document), good=RULE)
    assert "A rule" in [rule.title for rule, _ in read([folder]).rules]


def test_values_nested_deeply_are_a_problem_of_their_file_alone(tmp_path: Path) -> None:
    for name in ("deep.yml", PLACEHOLDERS):
        (tmp_path / name).write_text("title: " + "[" * 200_000)
    found = read([tmp_path])
    assert {one.path.name for one in found.problems} == {"deep.yml", PLACEHOLDERS}
    assert all("nested more than 100 deep" in one.reason for one in found.problems)
