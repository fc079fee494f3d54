"""Values as Athena's execution parameters: never in the text of a query.

Athena User Guide, "Use parameterized queries": parameters stand for `?` in the order of the query, only in
its WHERE clause; a string must be a literal in single quotes. A quote within is doubled (Athena User Guide,
"SELECT": escaping single quotes); nothing else is special. API Reference, StartQueryExecution: each has 1 to
1,024 characters.
"""

import json
import re
from collections.abc import Iterable, Iterator

MOST_CHARACTERS = 1024

#: What every JSON writer writes as it is.
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


class Parameters:
    """Gathers the values of one query, in the order in which their places are written."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def place(self, value: str) -> str:
        """The place of a text in the query. Raises ValueError when it is longer than Athena takes."""
        literal = quoted(value)
        if len(literal) > MOST_CHARACTERS:
            raise ValueError(f"a parameter of {len(literal):,} characters is more than Athena takes")
        self.values.append(literal)
        return "?"

    def beginning(self, value: str) -> str:
        """The place of a text, or of how it begins where it is longer than Athena takes."""
        whole = len(quoted(value)) <= MOST_CHARACTERS
        return self.place(value if whole else value[: MOST_CHARACTERS // 4])

    def is_one_of(self, expression: str, values: Iterable[str]) -> Iterator[str]:
        """Conditions of which one holds when the expression is one of the values.

        Those that are too long for Athena are looked for by how they begin: more is found, never less.
        """
        ordered = sorted(set(values))
        short = [one for one in ordered if len(quoted(_json([one]))) <= MOST_CHARACTERS]
        for pack in _packs(short):
            listed = f"CAST(json_parse({self.place(_json(pack))}) AS ARRAY(VARCHAR))"
            yield f"contains({listed}, {expression})"
        for one in ordered:
            if one not in short:
                yield f"starts_with({expression}, {self.beginning(one)})"


def quoted(value: str) -> str:
    """The value as a string literal of Athena's SQL."""
    return "'" + value.replace("'", "''") + "'"


def plain_run(value: str) -> str:
    """The longest piece of a value that is the same in JSON; "" when it has none."""
    return max(_PLAIN.findall(value), key=len, default="")


def _json(values: list[str]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _packs(values: list[str]) -> Iterator[list[str]]:
    """As many as fit into one parameter: an investigation can look for thousands of keys."""
    pack: list[str] = []
    for value in values:
        if pack and len(quoted(_json([*pack, value]))) > MOST_CHARACTERS:
            yield pack
            pack = []
        pack.append(value)
    if pack:
        yield pack
