"""A report as one HTML file. Every value is untrusted: it stays text wherever it lands.

No script, no address to load anything from, no file beside it: pictures are in the file. The template is data
of the security team (playbooks/templates), so it runs in Jinja2's sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bot.evidence.redact import redact
from bot.evidence.wording import called, short, size, some, span
from bot.reports.data import Happening, ReportData
from bot.reports.figures import figures
from bot.reports.pictures.pictures import Picture
from bot.resources import data_folder

TEMPLATE = "report.html.j2"
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def render(data: ReportData, folder: Path | None = None, *, pictures: Iterable[Picture] = ()) -> str:
    """The whole file, with the pictures in it. `folder` holds the template; None takes the installed one.

    Raises jinja2.TemplateError for a template that does not render.
    """
    made = environment(folder or data_folder("playbooks") / "templates")
    return made.get_template(TEMPLATE).render(
        report=data, days=_days(data.chronology.happenings), pictures=figures(pictures)
    )


def environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """Jinja2, sandboxed, strict about names, and escaping every value for HTML."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        upper_first=_upper_first,
        moment=_moment,
        clock=_clock,
        called=called,
        short=short,
        bytes=size,
        some=some,
        span=span,
    )
    # `safe` would let a template switch the escaping off.
    del made.filters["safe"]
    return made


def text(value: object) -> object:
    """The value as harmless text, not yet escaped: no secrets, no control or bidirectional characters.

    Markup passes: it comes from the template's own macros, where the values went through here.
    """
    if isinstance(value, Markup):
        return value
    said = redact(str(value))
    return "".join(char if char.isprintable() or char in "\n\t" else _REPLACED for char in said)


def _upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _days(happenings: tuple[Happening, ...]) -> list[tuple[str, list[Happening]]]:
    """The timeline by UTC date: `2026-03-01, Sunday`."""
    return [(day, list(those)) for day, those in groupby(happenings, lambda one: f"{one.time:%Y-%m-%d, %A}")]
