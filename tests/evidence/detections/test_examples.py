"""Each of our rules fires on its examples and stays silent on what looks like them (examples/*.yml).

An example is a record, without what all records have. For rules that take several records it is a list of
them: `after_seconds` waits before one, `repeat` makes it happen so often, `every_seconds` apart, and `vary`
gives the field named a number of its own each time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.evidence.detections.computed import COMPUTED
from bot.evidence.detections.rules import detect
from bot.evidence.detections.ruleset import bundled
from bot.evidence.detections.scene import Scene
from bot.evidence.events import Event, event_from
from bot.resources import data_folder
from tests.evidence.records import ACCOUNT, BUCKET, Log, user

RULES = data_folder("playbooks") / "detections"
EXAMPLES = Path(__file__).parent / "examples"
ADMIN = user("admin", "AKIAADMIN00000000001", "198.51.100.10", "aws-cli/2.31.0 Linux")
SCENE = Scene(BUCKET, ACCOUNT)
SINGLE = {rule.path.stem: rule for rule in bundled().rules}
SEVERAL = {rule.path.stem: rule for rule in bundled().correlations}


def cases(which: str) -> list[Any]:
    return [
        pytest.param(path.stem, example, id=f"{path.stem}-{number}")
        for path in sorted(EXAMPLES.glob("*.yml"))
        for number, example in enumerate(yaml.safe_load(path.read_text())[which])
    ]


def record(log: Log, example: dict[str, Any]) -> None:
    members = dict(example)
    source, name = members.pop("eventSource").removesuffix(".amazonaws.com"), members.pop("eventName")
    log.call(ADMIN, source, name, **members)


def story(example: list[dict[str, Any]]) -> list[Event]:
    log = Log()
    for part in example:
        one = dict(part)
        log.wait(seconds=one.pop("after_seconds", 0))
        every, vary = one.pop("every_seconds", 0), one.pop("vary", None)
        for number in range(one.pop("repeat", 1)):
            record(log.wait(seconds=every if number else 0), _varied(one, vary, number))
    return [event_from(entry) for entry in log.records]


def _varied(example: dict[str, Any], field: str | None, number: int) -> dict[str, Any]:
    if field is None:
        return example
    head, _, rest = field.partition(".")
    value = example[head]
    return {**example, head: _varied(value, rest, number) if rest else f"{value}{number}"}


def holds(stem: str, example: Any) -> bool:
    if stem in SEVERAL:
        return any(one.rule == SEVERAL[stem] for one in bundled().correlate(story(example), SCENE))
    [event] = story([example])
    return SINGLE[stem] in detect(event, SCENE)


@pytest.mark.parametrize(("stem", "example"), cases("fires"))
def test_it_fires(stem: str, example: Any) -> None:
    assert holds(stem, example)


@pytest.mark.parametrize(("stem", "example"), cases("silent"))
def test_it_stays_silent(stem: str, example: Any) -> None:
    assert not holds(stem, example)


def test_every_rule_has_examples_of_both_sorts() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yml")} == {path.stem for path in RULES.glob("*.yml")}
    for path in EXAMPLES.glob("*.yml"):
        examples = yaml.safe_load(path.read_text())
        assert examples["fires"], path
        assert examples["silent"], path


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yml")), ids=lambda path: path.stem)
def test_every_rule_says_what_people_need(path: Path) -> None:
    first, *parts = list(yaml.safe_load_all(path.read_text()))
    ids = [one["id"] for one in (first, *parts)]
    assert len(set(ids)) == len(ids)
    assert first["title"][0].isupper()
    assert not first["title"].endswith(".")
    assert first["description"].strip().endswith(".")
    assert first["falsepositives"]
    assert any(re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", tag) for tag in first["tags"])
    assert {"row", "kind", "weight"} <= first["s3incident"].keys()
    row = first["s3incident"]["row"]
    assert path.stem.startswith(f"{row[0].lower()}{int(row[1:]):02}_")


def test_the_readme_tells_of_every_computed_field() -> None:
    text = (RULES / "README.md").read_text()
    assert set(re.findall(r"`(s3incident\.[a-z_.]+)`", text)) == set(COMPUTED)
