"""YAML with the line of every value, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]


class YamlError(ValueError):
    """The text is not YAML that can be read; `line` is where, from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Document:
    """A YAML document as plain values, and the line (from 1) of each, by its path from the root.

    `texts` has the line on which the text of a string begins: for a block (`|`) the one after its sign.
    """

    value: Any
    lines: dict[Path, int]
    texts: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of what a path leads to, or of the nearest thing around it that exists."""
        known = self.nearest(path)
        return self.lines[known]

    def text_line(self, path: Path) -> int:
        """The line on which the text of a string begins."""
        return self.texts.get(path) or self.line(path)

    def nearest(self, path: Path) -> Path:
        """The path without the parts that lead nowhere in this document (pydantic puts such in its own)."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.lines:
                known = (*known, part)
        return known


def read(text: str) -> Document:
    """Reads one document with safe types only. Raises YamlError, also for a key that stands twice."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise YamlError("The file is empty.", 1)
        lines = {(): 1, **dict(_lines(node, ()))}
        return Document(yaml.load(text, Loader=yaml.SafeLoader), lines, dict(_texts(node, ())))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"This is not YAML: {error.problem}.", mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(f"This is not YAML: {error}.", 1) from error


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise YamlError(f"The key {name!r} stands twice in one mapping.", key.start_mark.line + 1)
            seen.add(name)
            yield (*path, name), key.start_mark.line + 1
            yield from _lines(value, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _lines(value, (*path, index))


def _texts(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _texts(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _texts(value, (*path, index))
    elif isinstance(node, yaml.ScalarNode):
        yield path, node.start_mark.line + (2 if node.style in ("|", ">") else 1)
