"""Loading a playbook: everything that is wrong with it at once, with file, line and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.playbooks.check import Texts, problems_in
from bot.playbooks.format import Playbook
from bot.playbooks.problems import PlaybookError, Problem
from bot.playbooks.yaml_lines import Document, YamlError, read
from bot.resources import data_folder

TEMPLATE_SUFFIX = ".j2"


@dataclass(frozen=True)
class Loaded:
    """A playbook that holds together, its texts read in: nothing of it is on disk any more."""

    playbook: Playbook
    path: Path


def playbook_path(name: str, folder: Path | None = None) -> Path:
    """Where a playbook of this name is: in the team's own folder, or without one in the installed folder."""
    return (folder or data_folder("playbooks")) / f"{name}.yml"


def load(path: Path) -> Loaded:
    """Reads and checks a playbook. Raises PlaybookError with every problem found."""
    document = _read(path)
    texts = _texts(path, document)
    try:
        playbook = Playbook.model_validate(texts.value)
    except ValidationError as error:
        raise PlaybookError([*texts.problems, *_mistakes(path, document, error)]) from None
    found = [*texts.problems, *problems_in(playbook, path, document, texts.places)]
    if found:
        raise PlaybookError(sorted(found))
    return Loaded(playbook, path)


def _read(path: Path) -> Document:
    try:
        document = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlaybookError([Problem(path, 1, f"The file cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError:
        raise PlaybookError([Problem(path, 1, "The file is not UTF-8 text.")]) from None
    except YamlError as error:
        raise PlaybookError([Problem(path, error.line, str(error), "Check the indentation.")]) from None
    if not isinstance(document.value, dict):
        raise PlaybookError(
            [Problem(path, 1, "A playbook is a mapping.", "Begin with name, title and steps.")]
        )
    return document


@dataclass(frozen=True)
class _Inlined:
    """The document's value with every template file's content in its place."""

    value: dict[str, Any]
    places: Texts
    problems: list[Problem]


def _texts(path: Path, document: Document) -> _Inlined:
    value = {**document.value}
    places: Texts = {}
    problems: list[Problem] = []
    steps = value.get("steps")
    if isinstance(steps, list):
        value["steps"] = [*steps]
        for index, step in enumerate(steps):
            name = step.get("text") if isinstance(step, dict) else None
            line = document.line(("steps", index, "text"))
            places[index] = (path, document.text_line(("steps", index, "text")) - 1)
            if isinstance(name, str) and name.endswith(TEMPLATE_SUFFIX):
                file = path.with_suffix("") / name
                try:
                    value["steps"][index] = {**step, "text": _template(path, name)}
                    places[index] = (file, 0)
                except (OSError, ValueError) as error:
                    todo = f"Put the text into {file}, or correct the name."
                    problems.append(Problem(path, line, f"The template {name!r}: {error}.", todo))
    return _Inlined(value, places, problems)


def _template(path: Path, name: str) -> str:
    folder = path.with_suffix("").resolve()
    file = (folder / name).resolve()
    if folder not in file.parents:
        raise ValueError("it lies outside the playbook's own folder")
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise OSError(error.strerror or str(error)) from None


def _mistakes(path: Path, document: Document, error: ValidationError) -> Iterator[Problem]:
    for mistake in error.errors(include_url=False):
        where = document.nearest(_without_kind(mistake["loc"]))
        name = ".".join(map(str, where)) or "the playbook"
        yield Problem(path, document.line(where), *_said(mistake, name))


def _without_kind(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """pydantic puts a step's kind into the path, where the document has no such level."""
    return (*loc[:2], *loc[3:]) if loc[:1] == ("steps",) else loc


def _said(mistake: Any, name: str) -> tuple[str, str]:
    """A pydantic error in our words, and what to do."""
    last = mistake["loc"][-1] if mistake["loc"] else ""
    match mistake["type"]:
        case "extra_forbidden":
            return f"{last!r} is not a key that is known here.", "Remove it, or correct its spelling."
        case "missing":
            return f"{name} has no {last!r}.", f"Add {last!r}."
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{name} is of no known kind.", "Set kind to evidence, remediation, manual or notify."
        case "string_pattern_mismatch":
            return f"{name} is {mistake['input']!r}.", f"It must look like {mistake['ctx']['pattern']}."
        case _:
            return f"{name}: {mistake['msg']}.", f"What stands there is {str(mistake['input'])[:80]!r}."
