"""Sigma rules made ready: compiled, in order of strength, with what our own part of the file says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
)
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from bot.evidence.detections.computed import COMPUTED, PREFIX
from bot.evidence.detections.rule import Kind, Rule, Weight
from bot.evidence.detections.sigma.conditions import compiled, fields_in, needed, trees
from bot.evidence.detections.sigma.correlations import Correlation, fields_of, references
from bot.evidence.detections.sigma.files import MALFORMED, Loaded, Problem
from bot.evidence.detections.sigma.values import Test
from bot.evidence.report import Severity

_NAMES = frozenset({"eventName", "s3incident.event_name"})
_SOURCES = frozenset({"eventSource"})
_TYPES = frozenset({"userIdentity.type"})
_AGENTS = frozenset({"userAgent"})
_KEYS = frozenset({"userIdentity.accessKeyId"})
_DENIED = frozenset({"s3incident.denied"})
_ERRORS = frozenset({"errorCode"})
_ANONYMOUS = frozenset({"s3incident.anonymous"})
_OUTSIDER = frozenset({"s3incident.outsider"})

_WEIGHTS: tuple[Weight, ...] = ("decides", "adds", "tells")
_SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")

#: What rules without a kind of ours are about, by the ATT&CK tactic in their tags; the first that fits.
_TACTICS: dict[str, Kind] = {
    "impact": "destruction",
    "exfiltration": "taking",
    "collection": "taking",
    "defense-evasion": "evasion",
    "defense-impairment": "evasion",
    "stealth": "evasion",
    "persistence": "persistence",
    "privilege-escalation": "escalation",
    "initial-access": "origin",
    "discovery": "recon",
    "reconnaissance": "recon",
}


AnyRule = SigmaRule | SigmaCorrelationRule


class Ours(BaseModel):
    """What a rule file may say under `s3incident:`; see `Rule`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: str | None = Field(default=None, pattern=r"^[A-Z][A-Za-z0-9-]{0,30}$")
    kind: Kind | None = None
    weight: Weight = "tells"
    says: str | None = Field(default=None, min_length=1, max_length=256)


@dataclass(frozen=True)
class Ready:
    """A rule that one record decides.

    `shown`: it is told by itself, and not only as a part of a correlation. A record can satisfy it only with
    one of these names, sources and identity types, in lower case (None: with any); `agents` and `keys` are
    parts of user agents and of callers' keys of which one must stand there, `errors` error codes in lower
    case; `denied`, `anonymous` and `outsider` are "true" where only refusals, unsigned requests and callers
    of foreign accounts can.
    """

    key: str
    rule: Rule
    test: Test
    shown: bool
    names: frozenset[str] | None
    sources: frozenset[str] | None
    types: frozenset[str] | None
    agents: frozenset[str] | None
    keys: frozenset[str] | None
    denied: frozenset[str] | None
    errors: frozenset[str] | None
    anonymous: frozenset[str] | None
    outsider: frozenset[str] | None


@dataclass
class Made:
    """Everything made ready: single rules by strength, correlations so that each comes after its parts.

    `fields` are those that correlations ask of what each rule or correlation matched, by its key.
    """

    ready: list[Ready] = field(default_factory=list)
    correlations: list[tuple[Correlation, Rule, bool]] = field(default_factory=list)
    fields: dict[str, frozenset[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def make(loaded: Loaded) -> Made:
    """Compiles what was loaded; what cannot be compiled becomes a problem, and the rest goes on."""
    made, hidden = Made(problems=list(loaded.problems)), _hidden(loaded)
    names: dict[str, str] = {}
    for rule, path in loaded.rules:
        try:
            made.ready.append(_ready(rule, path, shown=hidden.isdisjoint(_names(rule))))
        except MALFORMED as error:
            made.problems.append(_problem(path, rule, error))
        else:
            names |= dict.fromkeys(_names(rule), _key(rule, path))
    made.ready.sort(key=lambda one: _strength(one.rule))
    _correlate(loaded, names, hidden, made)
    return made


def _ready(rule: SigmaRule, path: Path, *, shown: bool) -> Ready:
    nodes = trees(rule)
    _known_fields(fields_in(nodes))
    names = needed(nodes, _NAMES)
    return Ready(
        key=_key(rule, path),
        rule=_told(rule, path, names or frozenset()),
        test=compiled(nodes),
        shown=shown,
        names=_lower(names),
        sources=_lower(needed(nodes, _SOURCES)),
        types=_lower(needed(nodes, _TYPES)),
        agents=_lower(needed(nodes, _AGENTS, within=True)),
        keys=_lower(needed(nodes, _KEYS, within=True)),
        denied=needed(nodes, _DENIED),
        errors=_lower(needed(nodes, _ERRORS)),
        anonymous=needed(nodes, _ANONYMOUS),
        outsider=needed(nodes, _OUTSIDER),
    )


def _correlate(loaded: Loaded, names: dict[str, str], hidden: frozenset[str], made: Made) -> None:
    """Makes correlations ready in the order in which they need each other."""
    waiting, asked = list(loaded.correlations), dict[str, frozenset[str]]()
    while ready := [entry for entry in waiting if all(one in names for one in references(entry[0]))]:
        for rule, path in ready:
            waiting.remove((rule, path))
            try:
                _known_fields(fields_of(rule))
                made.correlations.append(
                    (Correlation(rule, _key(rule, path), names), _told(rule, path, frozenset()),
                     hidden.isdisjoint(_names(rule)))
                )  # fmt: skip
            except MALFORMED as error:
                made.problems.append(_problem(path, rule, error))
            else:
                asked[_key(rule, path)] = fields_of(rule)
                names |= dict.fromkeys(_names(rule), _key(rule, path))
    for correlation, *_ in reversed(made.correlations):
        wanted = asked[correlation.name] | made.fields.get(correlation.name, frozenset())
        for part in correlation.references:
            made.fields[part] = made.fields.get(part, frozenset()) | wanted
    for rule, path in waiting:
        missing = ", ".join(one for one in references(rule) if one not in names)
        reason = f"It speaks of {missing}, which did not load, or which speaks of it in turn."
        made.problems.append(Problem(path, rule.title, reason))


def _hidden(loaded: Loaded) -> frozenset[str]:
    """Ids and names of rules that a correlation beside them takes in without `generate: true`.

    A correlation in a team's folder does not silence our own rules: only those of its own folder.
    """
    called = {name: (_names(rule), path.parent) for rule, path in _every(loaded) for name in _names(rule)}
    nobody: tuple[set[str], Path | None] = set(), None
    return frozenset(
        alias
        for correlation, path in loaded.correlations
        if not correlation.generate
        for aliases, home in (called.get(reference, nobody) for reference in references(correlation))
        if home == path.parent
        for alias in aliases
    )


def _every(loaded: Loaded) -> Iterator[tuple[AnyRule, Path]]:
    yield from loaded.rules
    yield from loaded.correlations


def _names(rule: AnyRule) -> set[str]:
    """What correlations may call it."""
    return {str(one) for one in (rule.id, rule.name) if one}


def _key(rule: AnyRule, path: Path) -> str:
    return str(rule.id or rule.name or f"{path}: {rule.title}")


def _told(rule: AnyRule, path: Path, names: frozenset[str]) -> Rule:
    """The rule for people. Raises ValidationError for what `s3incident:` must not hold."""
    ours = Ours.model_validate(rule.custom_attributes.get("s3incident") or {})
    return Rule(
        id=ours.row or f"S-{_key(rule, path)[:8]}",
        kind=ours.kind or _kind(rule),
        severity=_severity(rule),
        weight=ours.weight,
        title=rule.title,
        mitre=tuple(
            tag.name.upper() for tag in rule.tags if tag.namespace == "attack" and _technique(tag.name)
        ),
        names=names,
        name=rule.name or path.stem,
        says=ours.says,
        least=_least(rule),
        span=timedelta(seconds=rule.timespan.seconds) if isinstance(rule, SigmaCorrelationRule) else None,
        path=path,
    )


def _least(rule: AnyRule) -> float | None:
    condition = rule.condition if isinstance(rule, SigmaCorrelationRule) else None
    if not isinstance(condition, SigmaCorrelationCondition):
        return None
    more = {SigmaCorrelationConditionOperator.GTE: 0, SigmaCorrelationConditionOperator.GT: 1}.get(
        condition.op
    )
    return None if more is None else condition.count + more


def _technique(name: str) -> bool:
    return name[:1] in "tT" and name[1:2].isdigit()


def _kind(rule: AnyRule) -> Kind:
    tactics = {tag.name.replace("_", "-") for tag in rule.tags if tag.namespace == "attack"}
    return next((kind for tactic, kind in _TACTICS.items() if tactic in tactics), "context")


def _severity(rule: AnyRule) -> Severity:
    level = rule.level.name.lower() if rule.level else "low"
    return next((one for one in _SEVERITIES if one == level), "info")


def _strength(rule: Rule) -> tuple[int, int, str, str]:
    return _WEIGHTS.index(rule.weight), _SEVERITIES.index(rule.severity), rule.id, rule.name


def _known_fields(fields: frozenset[str]) -> None:
    unknown = sorted(one for one in fields if one.startswith(PREFIX) and one not in COMPUTED)
    if unknown:
        raise SigmaError(f"there is no field {', '.join(unknown)}")


def _lower(values: frozenset[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(value.lower() for value in values)


def _problem(path: Path, rule: AnyRule, error: Exception) -> Problem:
    if isinstance(error, ValidationError):
        said: Iterator[str] = (_mistake(one) for one in error.errors(include_url=False))
        return Problem(path, rule.title, "; ".join(said))
    text = " ".join(str(error.args[0] if error.args else error).split()).rstrip(".")
    return Problem(path, rule.title, f"{text[:1].upper()}{text[1:]}.")


def _mistake(mistake: Mapping[str, Any] | Any) -> str:
    where = ".".join(["s3incident", *map(str, mistake["loc"])])
    return f"{where}: {mistake['msg']}."
