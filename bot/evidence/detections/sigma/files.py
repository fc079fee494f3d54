"""Sigma files read from folders: what loads, what does not and why, what is about other logs.

One broken file never keeps the others from loading.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.filters import SigmaFilter
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import PythonRegexEngine
from sigma.rule import SigmaRule
from sigma.rule.attributes import SigmaStatus
from sigma.rule.base import SigmaYAMLLoader
from sigma.types import Placeholder, SigmaCasedString, SigmaRegularExpression, SigmaString, SigmaType

from bot.evidence.detections.sigma.aggregations import is_part, modern
from bot.evidence.detections.sigma.correlations import references

#: A file of this name in a folder gives `%placeholders%` their values: a name, and a text or a list of texts.
PLACEHOLDERS = "placeholders.yml"

#: pySigma takes some malformed members for granted and then fails in whatever way Python does.
MALFORMED = (SigmaError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)

#: Statuses whose rules the specification says not to run.
_NOT_RUN = frozenset({SigmaStatus.DEPRECATED, SigmaStatus.UNSUPPORTED})

#: pySigma tries expressions with Python's own engine, which says what is wrong; they are matched by another.
_POLICY = SigmaPolicy(regex_engine=PythonRegexEngine())

#: Characters of a file, and values within values: more than any rule has.
_MOST_TEXT, _DEEPEST = 4_000_000, 100

Values = dict[str, tuple[str, ...]]


@dataclass(frozen=True, order=True)
class Problem:
    """Why a file, or a rule in it, was left out. `broken`: something to mend; else it is meant so, or is
    about other logs.
    """

    path: Path
    rule: str
    reason: str
    broken: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.reason}" if self.rule else f"{self.path}: {self.reason}"


@dataclass
class Loaded:
    """Everything that could be read; a later folder's rule takes the place of an earlier one with its id.

    `withdrawn` are ids of rules that are there only to take another's place, and not to run.
    """

    rules: list[tuple[SigmaRule, Path]] = field(default_factory=list)
    correlations: list[tuple[SigmaCorrelationRule, Path]] = field(default_factory=list)
    filters: list[SigmaFilter] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(folders: Sequence[Path]) -> Loaded:
    """All rules in the folders (and the folders in them) in the order of their names. Files may be named too.

    Raises nothing for what stands in files: see `problems`. A folder that is not there is a problem as well.
    """
    found = Loaded()
    for folder in folders:
        here = Loaded()
        values = _placeholders(folder, here)
        for path in _files(folder, here):
            _read_file(path, values, here)
        _refuse_twins(here)
        _merge(found, here)
    _drop_lone_parts(found)
    _apply_filters(found)
    return found


def _files(folder: Path, found: Loaded) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        found.problems.append(Problem(folder, "", "There is no such folder."))
        return []
    every = {*folder.rglob("*.yml"), *folder.rglob("*.yaml")}
    return sorted(path for path in every if path.name != PLACEHOLDERS)


def _read_file(path: Path, values: Values, found: Loaded) -> None:
    try:
        documents = list(_documents(path))
        collection = SigmaCollection.from_dicts(
            documents, collect_errors=True, source=SigmaRuleLocation(path), collect_filters=True,
            resolve_references=False, policy=_POLICY,
        )  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        found.problems.append(Problem(path, "", f"The file cannot be read: {error}."))
    except yaml.YAMLError as error:
        found.problems.append(Problem(path, "", f"It is no YAML: {' '.join(str(error).split())}."))
    except MALFORMED as error:
        found.problems.append(Problem(path, "", f"It is no Sigma rule: {_said(error)}."))
    else:
        for rule in collection.rules:
            _place(rule, path, values, found)
        found.filters.extend(one for one in collection.filters if not one.errors)
        told = [error for rule in collection.rules for error in rule.errors]
        for untold in (error for error in collection.errors if error not in told):
            found.problems.append(Problem(path, "", f"{_said(untold)}."))
        if not documents:
            found.problems.append(Problem(path, "", "The file is empty."))


def _documents(path: Path) -> Iterator[Any]:
    for document in yaml.load_all(_bounded(path), Loader=SigmaYAMLLoader):
        if document is None:
            continue
        if not isinstance(document, dict):
            raise TypeError(f"a rule is a mapping that begins with title, not a {type(document).__name__}")
        yield from modern(_as_lists(document))


def _as_lists(document: dict[Any, Any]) -> dict[Any, Any]:
    """`falsepositives` may also be one text (Sigma rules specification 2.0); pySigma takes a list alone."""
    alone = document.get("falsepositives")
    return {**document, "falsepositives": [alone]} if isinstance(alone, str) else document


def _bounded(path: Path) -> str:
    """The text of a file. Raises ValueError for one that no reader of YAML would survive: libyaml ends the
    process where values are nested deeply.
    """
    text, depth = path.read_text(encoding="utf-8"), 0
    # Every collection begins with one of these at the least.
    most = sum(map(text.count, "-:?[{"))
    if len(text) > _MOST_TEXT:
        raise ValueError(f"the file has more than {_MOST_TEXT:,} characters")
    if most > _DEEPEST:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError(f"its values are nested more than {_DEEPEST} deep")
    return text


def _place(rule: object, path: Path, values: Values, found: Loaded) -> None:
    """Sorts a rule in, or says why not."""
    if not isinstance(rule, SigmaRule | SigmaCorrelationRule):
        return
    name = str(rule.title or rule.name or "")
    if rule.errors:
        reasons = "; ".join(dict.fromkeys(map(_said, rule.errors)))
        found.problems.append(Problem(path, name, f"{reasons}."))
    elif rule.status in _NOT_RUN:
        status = str(rule.status)
        found.problems.append(Problem(path, name, f"Not run: its status is {status}.", broken=False))
        found.withdrawn.extend([str(rule.id)] if rule.id else [])
    elif isinstance(rule, SigmaCorrelationRule):
        if _names_texts(rule):
            found.correlations.append((rule, path))
        else:
            reason = "The rules and fields of a correlation are named by texts."
            found.problems.append(Problem(path, name, reason))
    elif not _is_cloudtrail(rule):
        found.problems.append(Problem(path, name, "Its logsource is not CloudTrail's.", broken=False))
    else:
        try:
            _expand(rule, values)
        except MALFORMED as error:
            found.problems.append(Problem(path, name, f"{_said(error)}."))
        else:
            found.rules.append((rule, path))


def _names_texts(rule: SigmaCorrelationRule) -> bool:
    """Whether all that a correlation refers to is named by texts: pySigma takes whatever stands there."""
    counted = getattr(rule.condition, "fieldref", None) or ""
    named: list[object] = [one.reference for one in rule.rules or ()]
    named += counted if isinstance(counted, list) else [counted]
    for alias in rule.aliases:
        named += [alias.alias, *(one.reference for one in alias.mapping), *alias.mapping.values()]
    return all(isinstance(one, str) for one in named)


def _is_cloudtrail(rule: SigmaRule) -> bool:
    """`product: aws` with `service: cloudtrail` and any category, or one of them alone."""
    source = rule.logsource
    if (source.product, source.service) == ("aws", "cloudtrail"):
        return True
    return (
        source.category is None and source.product in (None, "aws") and source.service in (None, "cloudtrail")
    )


def _expand(rule: SigmaRule, values: Values) -> None:
    """Puts the values of `|expand` placeholders in, wildcards too, as if they stood in the rule.

    Those without values are named at compilation.
    """

    def given(placeholder: Placeholder) -> Iterator[SigmaString | Placeholder]:
        yield from (
            map(SigmaString, values[placeholder.name]) if placeholder.name in values else (placeholder,)
        )

    def replace(item: Any) -> None:
        for one in getattr(item, "detection_items", ()):
            replace(one)
        if hasattr(item, "value"):
            item.value = [new for old in item.value for new in _replaced(old, given)]

    for detection in rule.detection.detections.values():
        replace(detection)


def _replaced(value: SigmaType, given: Callable[[Placeholder], Iterator[Any]]) -> Iterator[SigmaType]:
    if not isinstance(value, SigmaString | SigmaRegularExpression) or not value.contains_placeholder():
        yield value
    elif isinstance(value, SigmaCasedString):
        yield from map(SigmaCasedString.from_sigma_string, value.replace_placeholders(given))
    else:
        yield from value.replace_placeholders(given)


def _placeholders(folder: Path, found: Loaded) -> Values:
    path = folder / PLACEHOLDERS
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(_bounded(path))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        found.problems.append(Problem(path, "", f"It cannot be read: {' '.join(str(error).split())}."))
        return {}
    if not isinstance(content, dict):
        found.problems.append(Problem(path, "", "It is a mapping of names to texts or lists of texts."))
        return {}
    return {
        str(name): tuple(map(str, value if isinstance(value, list) else [value]))
        for name, value in content.items()
    }


def _refuse_twins(found: Loaded) -> None:
    """Two rules of one id or name in one folder: the first stays, the second is named."""
    seen: dict[str, Path] = {}
    for kept in (found.rules, found.correlations):
        for entry in list(kept):
            rule, path = entry
            for key in filter(None, (str(rule.id) if rule.id else None, rule.name)):
                if key in seen:
                    reason = f"Its id or name {key} is taken by {seen[key]}."
                    found.problems.append(Problem(path, rule.title, reason))
                    kept.remove(entry)  # type: ignore[arg-type]
                    break
                seen[key] = path


def _merge(found: Loaded, here: Loaded) -> None:
    taken = {str(rule.id) for rule, _ in (*here.rules, *here.correlations) if rule.id} | {*here.withdrawn}
    found.rules = [one for one in found.rules if str(one[0].id) not in taken] + here.rules
    found.correlations = [
        one for one in found.correlations if str(one[0].id) not in taken
    ] + here.correlations
    found.filters += here.filters
    found.problems += here.problems


def _drop_lone_parts(found: Loaded) -> None:
    """What an old rule counted says nothing by itself where the rule is not run, or is not right."""
    wanted = {name for rule, _ in found.correlations for name in references(rule)}
    found.rules = [one for one in found.rules if not is_part(one[0].name) or one[0].name in wanted]


def _apply_filters(found: Loaded) -> None:
    for one in found.filters:
        for rule, _ in found.rules:
            one.apply_on_rule(rule)


def _said(error: Exception) -> str:
    """An error in one line, without pySigma's note of the file."""
    text = str(error.args[0] if error.args else error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__
