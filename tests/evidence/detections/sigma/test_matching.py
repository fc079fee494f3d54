"""What rules hold for: every modifier and every shape of a value, one line each, and conditions at random."""

import itertools
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.exceptions import SigmaError
from sigma.policy.profiles import TrustedPolicy
from sigma.rule import SigmaRule

from bot.evidence.detections.sigma.conditions import compiled, fields_in, needed, trees
from bot.evidence.detections.sigma.record import Record

RECORD: dict[str, Any] = {
    "eventName": "PutUserPolicy",
    "eventTime": "2026-11-23T02:34:58Z",
    "sourceIPAddress": "203.0.113.66",
    "userAgent": "Boto3/1.40.1",
    "readOnly": False,
    "errorCode": None,
    "userIdentity": {
        "userName": "Maria",
        "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::1:role/x"}},
    },
    "requestParameters": {
        "userName": "maria",
        "policyDocument": '{"Effect":"Allow"}',
        "count": 5,
        "spelt": "5",
        "size": 717.0,
        "empty": "",
        "none": [],
        "items": [{"port": 22, "to": [{"cidr": "10.0.0.1"}]}, {"port": 443}],
        "tags": ["Prod", "eu"],
        "x.y": {"z": "dotted"},
        "command": "run -Enc d2hvYW1p",
        "wide": "c\0m\0d\0",
    },
}


def rule(detection: dict[str, Any]) -> SigmaRule:
    whole = {"title": "t", "logsource": {"product": "aws"}, "detection": detection}
    return SigmaRule.from_yaml(yaml.safe_dump(whole), policy=TrustedPolicy)


def matches(detection: dict[str, Any], record: dict[str, Any] = RECORD) -> bool:
    return compiled(trees(rule(detection)))(Record(record))


def holds(selection: Any) -> bool:
    return matches({"selection": selection, "condition": "selection"})


P = "requestParameters"


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"eventName": "putuserpolicy"}, True),
        ({"eventName|cased": "putuserpolicy"}, False),
        ({"eventName|cased": "PutUserPolicy"}, True),
        ({"eventName|contains": "user"}, True),
        ({"eventName|contains|cased": "user"}, False),
        ({"eventName|startswith": "put"}, True),
        ({"eventName|startswith": "user"}, False),
        ({"eventName|endswith": "POLICY"}, True),
        ({"eventName": "Put?serP*y"}, True),
        ({"eventName": "Put?erP*y"}, False),
        ({"eventName": ["A", "PutUserPolicy"]}, True),
        ({"eventName|contains|all": ["put", "policy"]}, True),
        ({"eventName|contains|all": ["put", "group"]}, False),
        ({"eventName|neq": "PutUserPolicy"}, False),
        ({"eventName|neq": "Other"}, True),
        ({"eventName|re": "^Put.*Policy$"}, True),
        ({"eventName|re": "^put"}, False),
        ({"eventName|re|i": "^put"}, True),
        ({"eventName": None}, False),
        ({"errorCode": None}, True),
        ({"nowhere": None}, True),
        ({f"{P}.none": None}, True),
        ({f"{P}.empty": None}, False),
        ({f"{P}.empty": ""}, True),
        ({f"{P}.userName": ""}, False),
        ({"nowhere": ""}, False),
        ({"nowhere": "*"}, False),
        ({"errorCode|contains": "*"}, False),
        ({"eventName|contains": "*"}, True),
        ({"eventName|exists": True}, True),
        ({"errorCode|exists": True}, True),
        ({"nowhere|exists": False}, True),
        ({f"{P}.none|exists": True}, True),
        ({"userIdentity.sessionContext.sessionIssuer.arn|endswith": ":role/x"}, True),
        ({"readOnly": False}, True),
        ({"readOnly": "false"}, True),
        ({"readOnly": True}, False),
        ({f"{P}.count": 5}, True),
        ({f"{P}.count": "5"}, True),
        ({f"{P}.spelt": 5}, True),
        ({"readOnly": 0}, False),
        ({f"{P}.size": 717}, True),
        ({f"{P}.count|gt": 4}, True),
        ({f"{P}.count|gt": 5}, False),
        ({f"{P}.count|gte": 5}, True),
        ({f"{P}.spelt|lt": 6}, True),
        ({f"{P}.count|lte": 4}, False),
        ({f"{P}.userName|lt": 6}, False),
        ({f"{P}.items.port": 443}, True),
        ({f"{P}.items.to.cidr": "10.0.0.1"}, True),
        ({f"{P}.items.port": 80}, False),
        ({f"{P}.tags": "prod"}, True),
        ({f"{P}.tags|contains|all": ["prod", "eu"]}, True),
        ({f"{P}.x.y.z": "dotted"}, False),
        ({f"{P}.x.y": '{"z":"dotted"}'}, True),
        ({f"{P}.items|contains": '"port":22'}, True),
        ({f"{P}|contains|all": ['"Effect":"Allow"', '"count":5']}, True),
        ({f"{P}.policyDocument|contains": '"Allow"'}, True),
        ({f"{P}|contains": "policyDocument={"}, True),
        ({f"{P}|contains": "tags=[Prod, eu]"}, True),
        ({f"{P}.items.to.cidr|cidr": "10.0.0.0/8"}, True),
        ({"sourceIPAddress|cidr": ["10.0.0.0/8", "203.0.113.0/24"]}, True),
        ({"sourceIPAddress|cidr": "2001:db8::/32"}, False),
        ({"userAgent|cidr": "10.0.0.0/8"}, False),
        ({f"{P}.userName|fieldref": "userIdentity.userName"}, True),
        ({f"{P}.userName|fieldref": "eventName"}, False),
        ({f"{P}.userName|fieldref": "nowhere"}, False),
        ({"eventName|fieldref|startswith": f"{P}.userName"}, False),
        ({f"{P}.command|base64offset|contains": "whoami"}, True),
        ({f"{P}.command|base64|contains": "whoami"}, True),
        ({f"{P}.wide|wide": "cmd"}, True),
        ({f"{P}.wide|utf16": "cmd"}, False),
        ({f"{P}.command|windash|contains": "/enc"}, True),
        ({"eventTime|hour": 2}, True),
        ({"eventTime|minute": 34}, True),
        ({"eventTime|day": 24}, False),
        ({"eventTime|week": 48}, True),
        ({"eventTime|month": 11}, True),
        ({"eventTime|year": 2026}, True),
        ({"eventTime|hour|gte": 3}, False),
        ({"eventTime|hour|lt": 3}, True),
        ({"userAgent|hour": 2}, False),
        ([{"eventName": "A"}, {"eventName": "PutUserPolicy"}], True),
        (["boto3"], True),
        (["nothing like it"], False),
        (['"Effect":"Allow"'], True),
        ({"|all": ["boto3", "maria"]}, True),
        ({"|all": ["boto3", "nobody"]}, False),
        ({"|re": "Boto3/1[.]4"}, True),
        ([22], True),
    ],
)  # fmt: skip
def test_values(selection: Any, expected: bool) -> None:
    assert holds(selection) is expected


NAMES = ("sel_a", "sel_b", "other")


def conditions() -> st.SearchStrategy[tuple[str, Any]]:
    """A condition as text, and the same as a function of what holds."""
    leaf = st.sampled_from(
        [
            *((name, lambda on, name=name: on[name]) for name in NAMES),
            ("1 of sel_*", lambda on: on["sel_a"] or on["sel_b"]),
            ("all of sel_*", lambda on: on["sel_a"] and on["sel_b"]),
            ("1 of them", lambda on: any(on.values())),
            ("all of them", lambda on: all(on.values())),
        ]
    )

    def joined(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
        both = st.tuples(inner, inner)
        return st.one_of(
            inner.map(lambda one: (f"not ({one[0]})", lambda on: not one[1](on))),
            both.map(
                lambda two: (f"({two[0][0]}) and ({two[1][0]})", lambda on: two[0][1](on) and two[1][1](on))
            ),
            both.map(
                lambda two: (f"({two[0][0]}) or ({two[1][0]})", lambda on: two[0][1](on) or two[1][1](on))
            ),
        )

    return st.recursive(leaf, joined, max_leaves=6)


@settings(deadline=None)
@given(conditions())
def test_conditions_agree_with_trying_everything(condition: tuple[str, Any]) -> None:
    text, expected = condition
    test = compiled(trees(rule({**{name: {name: "on"} for name in NAMES}, "condition": text})))
    for values in itertools.product((True, False), repeat=len(NAMES)):
        on = dict(zip(NAMES, values, strict=True))
        record = Record({name: "on" if value else "off" for name, value in on.items()})
        assert test(record) == expected(on)


@settings(deadline=None)
@given(conditions())
def test_needed_values_are_needed(condition: tuple[str, Any]) -> None:
    """Whatever holds has one of them: nothing is overlooked by asking for those names only."""
    text, _ = condition
    built = rule({**{name: {"f": name, "g": "x"} for name in NAMES}, "condition": text})
    test, names = compiled(trees(built)), needed(trees(built), frozenset({"f"}))
    for value in (*NAMES, "none of them"):
        if test(Record({"f": value, "g": "x"})):
            assert names is None or value in names


def test_precedence_without_brackets() -> None:
    selections = {name: {"eventName": "x"} for name in ("a", "b")} | {"c": {"eventName": "PutUserPolicy"}}
    assert matches({**selections, "condition": "a and b or c"})
    assert matches({**selections, "condition": "not a and c"})
    assert not matches({**selections, "condition": "a and (b or c)"})


def test_several_conditions_mean_or() -> None:
    selections = {"a": {"eventName": "x"}, "b": {"eventName": "PutUserPolicy"}}
    assert matches({**selections, "condition": ["a", "b"]})


def test_needed_names() -> None:
    plain = {"a": {"eventName": ["X", "Y"], "eventSource": "s"}, "condition": "a"}
    assert needed(trees(rule(plain)), frozenset({"eventName"})) == {"X", "Y"}
    part = {"a": {"userAgent|contains": ["kali"]}, "condition": "a"}
    assert needed(trees(rule(part)), frozenset({"userAgent"}), within=True) == {"kali"}
    assert needed(trees(rule(part)), frozenset({"userAgent"})) is None
    assert (
        needed(trees(rule({"a": {"eventName|startswith": "X"}, "condition": "a"})), frozenset({"eventName"}))
        is None
    )


def test_fields_asked_for() -> None:
    built = rule({"a": {"x|fieldref": "y", "z": ["1", "2"]}, "b": ["keyword"], "condition": "a and not b"})
    assert fields_in(trees(built)) == {"x", "y", "z"}


@pytest.mark.parametrize("depth", [400, 900, 5000])
def test_nesting_deeper_than_any_record(depth: int) -> None:
    deep: Any = "the end"
    for _ in range(depth):
        deep = {"a": deep}
    assert matches({"s": {"deep|contains": "the end"}, "condition": "s"}, {"deep": deep}) is (depth < 1000)
    assert not matches({"s": ["nowhere"], "condition": "s"}, {"deep": deep})


@pytest.mark.parametrize(
    "detection",
    [
        {"s": {"f|re": "(?=a)"}, "condition": "s"},
        {"s": {"f|expand": "%admins%"}, "condition": "s"},
        {"s": {"f": "x"}, "condition": "s and nobody"},
        {"s": {"f": "x"}, "condition": "1 of nobody_*"},
        {"s": {"f": "x"}, "condition": "s | count() > 5"},
    ],
)
def test_what_cannot_be_compiled_is_an_error_of_sigma(detection: dict[str, Any]) -> None:
    with pytest.raises(SigmaError):
        compiled(trees(rule(detection)))
