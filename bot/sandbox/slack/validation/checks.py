"""The small checks that Block Kit rules are made of.

A check looks at one value and reports what is wrong with it, with the JSON pointer Slack would
name: ``must be less than 151 characters [json-pointer:/blocks/0/text/text]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Issues:
    """What a payload does wrong, in Slack's words and in the order in which it was found."""

    found: list[str] = field(default_factory=list)

    def add(self, pointer: str, sentence: str) -> None:
        self.found.append(f"{sentence} [json-pointer:{pointer}]")


Check = Callable[[Any, str, Issues], None]


def string(longest: int | None = None, *, shortest: int = 1, pattern: str | None = None) -> Check:
    """Text of ``shortest`` to ``longest`` characters that matches ``pattern`` as a whole."""

    def check(value: Any, pointer: str, issues: Issues) -> None:
        if not isinstance(value, str):
            issues.add(pointer, "must provide a string")
        elif len(value) < shortest:
            issues.add(pointer, f"must be more than {shortest - 1} characters")
        elif longest is not None and len(value) > longest:
            issues.add(pointer, f"must be less than {longest + 1} characters")
        elif pattern and not re.fullmatch(pattern, value):
            issues.add(pointer, f"does not match regexp {pattern}")

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, pointer: str, issues: Issues) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            issues.add(pointer, "must provide a number")
        elif not least <= value <= most:
            issues.add(pointer, f"must be between {least} and {most}")

    return check


def boolean(value: Any, pointer: str, issues: Issues) -> None:
    if not isinstance(value, bool):
        issues.add(pointer, "must provide a boolean")


def anything(_value: Any, _pointer: str, _issues: Issues) -> None:
    """A property whose inside Slack does not document well enough to judge."""


def one_of(*allowed: str) -> Check:
    def check(value: Any, pointer: str, issues: Issues) -> None:
        if value not in allowed:
            issues.add(pointer, f"must be one of: {', '.join(allowed)}")

    return check


def array(item: Check, *, least: int = 1, most: int | None = None) -> Check:
    """A list of ``least`` to ``most`` things, each of which passes ``item``."""

    def check(value: Any, pointer: str, issues: Issues) -> None:
        if not isinstance(value, list):
            issues.add(pointer, "must provide an array")
            return
        if len(value) < least:
            issues.add(pointer, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            issues.add(pointer, f"no more than {most} items allowed")
        for index, one in enumerate(value):
            item(one, f"{pointer}/{index}", issues)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these properties; any other property is refused, as Slack does."""
    known = {**required, **(optional or {}), "type": anything}

    def check(value: Any, pointer: str, issues: Issues) -> None:
        if not isinstance(value, dict):
            issues.add(pointer, "must provide an object")
            return
        for name in required:
            if name not in value:
                issues.add(pointer, f"missing required field: {name}")
        for name, one in value.items():
            if name not in known:
                issues.add(f"{pointer}/{name}", f"invalid additional property: {name}")
            elif one is not None:
                known[name](one, f"{pointer}/{name}", issues)

    return check


def typed(kinds: Mapping[str, Check], what: str) -> Check:
    """An object whose ``type`` chooses the check; an unknown type is refused by name."""

    def check(value: Any, pointer: str, issues: Issues) -> None:
        if not isinstance(value, dict):
            issues.add(pointer, "must provide an object")
        elif "type" not in value:
            issues.add(pointer, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            issues.add(pointer, f"unsupported type for {what}: {value['type']}")
        else:
            kinds[value["type"]](value, pointer, issues)

    return check


def every(*checks: Check) -> Check:
    """All the checks, one after the other."""

    def check(value: Any, pointer: str, issues: Issues) -> None:
        for one in checks:
            one(value, pointer, issues)

    return check
