"""Our rules together with a team's: what is in force, what is left out, what a search must look for."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence import names
from bot.evidence.detections.making import make
from bot.evidence.detections.rules import detect, event_names
from bot.evidence.detections.ruleset import Detections, bundled, load
from bot.evidence.detections.scene import Scene
from bot.evidence.detections.sigma.files import read
from bot.evidence.events import event_from
from tests.evidence.detections.sigma.test_files import RULE, write
from tests.evidence.records import ACCOUNT, BUCKET, Log, user
from tests.examples import some_of

JO = user("jo", "AKIAJO00000000000001", "198.51.100.10", "aws-cli/2.31.0")


def titles(found: Detections, record: dict[str, Any]) -> list[str]:
    return [rule.title for rule in detect(event_from(record), Scene(BUCKET, ACCOUNT, detections=found))]


def reasons(found: Detections) -> str:
    return "\n".join(map(str, found.problems))


def call(name: str, **members: Any) -> dict[str, Any]:
    return Log().call(JO, "iam", name, **members)


def test_ours_load_without_a_problem() -> None:
    assert not bundled().problems
    assert len(bundled().rules) > 50
    assert {"D2", "D3", "D8", "D9", "D10", "D28", "D29", "E8"} <= {one.id for one in bundled().correlations}


def test_a_teams_rule_joins_ours(tmp_path: Path) -> None:
    found = load([write(tmp_path, a=RULE)])
    assert titles(found, call("A")) == ["A rule"]
    assert titles(found, call("CreateUser", requestParameters={"userName": "x"})) == ["A user was created"]
    [rule] = [one for one in found.rules if one.title == "A rule"]
    assert (rule.id, rule.weight, rule.severity, rule.kind) == ("S-11111111", "tells", "low", "context")
    assert "A" in found.event_names()


def test_a_rule_of_others_speaks_by_its_tactic(tmp_path: Path) -> None:
    tagged = RULE.replace("title:", "tags: [attack.t1485, attack.impact]\nlevel: informational\ntitle:")
    [rule] = [one for one in load([write(tmp_path, a=tagged)]).rules if one.title == "A rule"]
    assert (rule.kind, rule.severity, rule.mitre) == ("destruction", "info", ("T1485",))


def test_a_teams_copy_takes_the_place_of_ours(tmp_path: Path) -> None:
    [ours] = [one for one in bundled().rules if one.title == "A user was created"]
    text = ours.path.read_text()
    changed = load([write(tmp_path / "1", a=text.replace("A user was created", "Somebody new"))])
    assert titles(changed, call("CreateUser")) == ["Somebody new"]
    off = load([write(tmp_path / "2", a=text.replace("status: test", "status: deprecated"))])
    assert titles(off, call("CreateUser")) == []


def test_a_filter_makes_an_exception(tmp_path: Path) -> None:
    [ours] = [one for one in bundled().rules if one.title == "A user was created"]
    number = ours.path.read_text().split("id: ")[1].split()[0]
    exception = f"""
title: Jo makes users
logsource: {{product: aws, service: cloudtrail}}
filter:
    rules: [{number}]
    jo: {{userIdentity.userName: jo}}
    condition: not jo
"""
    found = load([write(tmp_path, a=exception)])
    assert not found.problems
    assert titles(found, call("CreateUser")) == []
    maria = user("maria", "AKIAMARIA", "198.51.100.10", "aws-cli/2.31.0")
    assert titles(found, Log().call(maria, "iam", "CreateUser")) == ["A user was created"]


def test_placeholders_take_their_values_from_the_folder(tmp_path: Path) -> None:
    rule = RULE.replace("eventName: A", "userIdentity.userName|expand: '%admins%'")
    without = load([write(tmp_path / "1", a=rule)])
    assert "The placeholder %admins% has no values in placeholders.yml" in reasons(without)
    found = load([write(tmp_path / "2", a=rule, placeholders="admins: [maria, jo]")])
    assert titles(found, call("X")) == ["A rule"]


@pytest.mark.parametrize(("value", "holds"), [("j*", True), ("?o", True), (r"'j\*'", False), ("m*", False)])
def test_wildcards_in_placeholders_are_wildcards(tmp_path: Path, value: str, *, holds: bool) -> None:
    rule = RULE.replace("eventName: A", "userIdentity.userName|expand: '%admins%'")
    found = load([write(tmp_path, a=rule, placeholders=f"admins: {value}")])
    assert titles(found, call("X")) == ["A rule"] * holds


@pytest.mark.parametrize(
    ("selection", "holds"),
    [
        ("status: success", True),
        ("status: failure", False),
        ("geo.country: [NL, DE]", True),
        ("geo.country|exists: false", False),
        ("tlsDetails.tlsVersion|startswith: TLSv1.2", True),
        ("eventVersion: 1.11", True),
        ("sessionCredentialFromConsole: true", True),
        ("added: null", True),
    ],
)
def test_rules_may_ask_for_any_member_of_a_record(tmp_path: Path, selection: str, *, holds: bool) -> None:
    found = load([write(tmp_path, a=RULE.replace("s: {eventName: A}", f"s: {{{selection}}}"))])
    members = {
        "status": "Success",
        "geo": {"country": "nl"},
        "tlsDetails": {"tlsVersion": "TLSv1.2"},
        "eventVersion": "1.11",
        "sessionCredentialFromConsole": "true",
        "added": None,
    }
    assert titles(found, call("X", **members)) == ["A rule"] * holds


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("eventName: A", "s3incident.nonsense: 1"), "There is no field s3incident.nonsense."),
        (("eventName: A", "eventName|re: '(?=A)'"), "The regular expression '(?=A)'"),
        (("condition: s", "condition: s and t"), "'t' not defined"),
        (("title:", "s3incident: {weight: heavy}\ntitle:"), "s3incident.weight"),
        (("title:", "s3incident: {weigth: adds}\ntitle:"), "s3incident.weigth"),
        (("title:", "s3incident: 5\ntitle:"), "s3incident"),
    ],
)
def test_what_does_not_compile_is_named(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    found = load([write(tmp_path, a=RULE.replace(*change), b=RULE.replace("1111-1111", "2222-2222"))])
    assert reason in reasons(found)
    assert [one.title for one in found.rules if one.path.parent == tmp_path] == ["A rule"]


BURST = """
title: Many
id: 33333333-3333-4333-8333-333333333333
correlation:
    {type: event_count, rules: [REF], group-by: [s3incident.caller], timespan: 1m, condition: {gte: 2}}
"""


def many(found: Detections, *recorded: str) -> list[str]:
    log = Log()
    for name in recorded:
        log.wait(seconds=1).call(JO, "iam", name)
    scene = Scene(BUCKET, ACCOUNT, detections=found)
    return [one.title for one in found.correlate(map(event_from, log.records), scene)]


def test_a_correlation_takes_its_parts_out_of_the_list(tmp_path: Path) -> None:
    found = load([write(tmp_path, a=RULE, b=BURST.replace("REF", "11111111-1111-4111-8111-111111111111"))])
    assert titles(found, call("A")) == []
    assert many(found, "A", "A") == ["Many"]
    assert many(found, "A", "B") == []


def test_a_teams_correlation_does_not_silence_ours(tmp_path: Path) -> None:
    found = load([write(tmp_path, b=BURST.replace("REF", "versioning_off"))])
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    assert titles(found, Log().bucket(JO, "PutBucketVersioning", **suspended)) == [
        "Versioning or MFA Delete was switched off"
    ]


@pytest.mark.parametrize("reference", ["nobody", "33333333-3333-4333-8333-333333333333"])
def test_a_correlation_of_nothing_or_of_itself_is_named(tmp_path: Path, reference: str) -> None:
    found = load([write(tmp_path, b=BURST.replace("REF", reference))])
    assert f"It speaks of {reference}" in reasons(found)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every member of a document, however deep."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [place for key, one in items for place in _places(one, (*here, key))]
    return [here, *below] if here else below


_OURS = [list(yaml.safe_load_all(path.read_text())) for path in sorted({one.path for one in bundled().rules})]
_ODD = (
    st.none()
    | st.integers(-1, 9)
    | st.floats()
    | st.text("x|*%(", max_size=3)
    | st.lists(st.none(), max_size=2)
)


@settings(deadline=None, max_examples=some_of(60))
@given(st.sampled_from(_OURS), st.data())
def test_whatever_stands_in_a_rule_the_others_load(
    tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]], data: st.DataObject
) -> None:
    changed = copy.deepcopy(documents)
    *way, last = data.draw(st.sampled_from(_places(changed)))
    spot: Any = changed
    for step in way:
        spot = spot[step]
    spot[last] = data.draw(_ODD | st.dictionaries(st.sampled_from(["type", "s", "a|re"]), _ODD, max_size=2))
    folder = write(tmp_path_factory.mktemp("rules"), one=yaml.safe_dump_all(changed), good=RULE)
    assert "A rule" in [one.rule.title for one in make(read([folder])).ready]


def test_names_to_search_for() -> None:
    assert {"PutBucketPolicy", "StopLogging", "CreateAccessKey", "UpdateFunctionCode"} <= event_names()
    assert not event_names() & {"GetObject", "ListObjects", "AssumeRole", "Decrypt", "GetParameter"}
    assert not event_names() & names.FREQUENT
    assert "kali" in bundled().user_agent_parts()
    assert bundled().identity_types() == {"root"}


def test_a_scene_remembers_by_event_and_not_by_its_id() -> None:
    scene = Scene(BUCKET, ACCOUNT)
    first = event_from(Log().bucket(JO, "PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}))
    again = event_from(
        Log().bucket(JO, "PutBucketVersioning", VersioningConfiguration={"Status": "Suspended"})
    )
    assert first.event_id == again.event_id
    assert [len(list(detect(one, scene))) for one in (first, again, first)] == [0, 1, 0]
