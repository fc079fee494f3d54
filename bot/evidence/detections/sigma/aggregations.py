"""Old rules that count (`condition: selection | count() by user > 20`), read as correlations.

Sigma 2 replaced such conditions by correlation rules; files with them are still about. Without `timeframe`
they counted as far as the search went: here, a day.
"""

import re
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

_COUNT = re.compile(
    r"\s*(?P<condition>[^|]+?)\s*\|\s*count\(\s*(?P<field>[^)\s]*)\s*\)(?:\s+by\s+(?P<by>[^<>=]+?))?"
    r"\s*(?P<op><=|>=|<|>|==?)\s*(?P<bound>\d+)\s*"
)
_OPERATORS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "eq", "==": "eq"}
_A_DAY = "1d"
_PART = " (counted)"

#: What says what single records must hold; all else is said of the whole.
_OF_THE_PART = ("logsource", "detection", "taxonomy")


def modern(document: Document) -> Iterator[Document]:
    """The document as it is, or the rule and the correlation that stand for it."""
    detection = document.get("detection")
    condition = detection.get("condition") if isinstance(detection, dict) else None
    found = _COUNT.fullmatch(condition) if isinstance(condition, str) else None
    if found is None or not isinstance(detection, dict):
        yield document
        return
    part = f"{document.get('id') or document.get('title')}{_PART}"
    selections = {name: one for name, one in detection.items() if name != "timeframe"}
    yield {
        **{name: document[name] for name in _OF_THE_PART if name in document},
        "title": f"{document.get('title')} (a single record)",
        "name": part,
        "level": "informational",
        "detection": {**selections, "condition": found["condition"]},
    }
    timespan = detection.get("timeframe") or document.get("timeframe") or _A_DAY
    yield {
        **{name: value for name, value in document.items() if name not in (*_OF_THE_PART, "timeframe")},
        "correlation": _correlation(found, part, timespan),
    }


def is_part(name: str | None) -> bool:
    """Whether a rule of this name says what single records of an old rule that counts must hold."""
    return name is not None and name.endswith(_PART)


def _correlation(found: re.Match[str], part: str, timespan: object) -> Document:
    condition: Document = {_OPERATORS[found["op"]]: int(found["bound"])}
    if found["field"]:
        condition["field"] = found["field"]
    return {
        "type": "value_count" if found["field"] else "event_count",
        "rules": [part],
        "group-by": [field.strip() for field in (found["by"] or "").split(",") if field.strip()],
        "timespan": timespan,
        "condition": condition,
    }
