"""An investigation as one HTML file with its pictures in it. Every value is untrusted: it stays text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bot.evidence import view
from bot.evidence import view_words as words
from bot.evidence.report import Investigation, TimelineEntry
from bot.reports.figures import figures
from bot.reports.pictures.pictures import Picture
from bot.reports.render import environment
from bot.resources import data_folder

TEMPLATE = "investigation.html.j2"
#: A browser on a phone must bear the page; the JSON has every act.
MOST_LINES = 2000


def render_page(found: Investigation, pictures: Sequence[Picture], folder: Path | None = None) -> str:
    """The whole file. `folder` holds the template; None takes the one that is installed.

    Raises jinja2.TemplateError for a template that does not render.
    """
    made = environment(folder or data_folder("playbooks") / "templates")
    return made.get_template(TEMPLATE).render(
        found=found,
        pictures=figures(pictures),
        suspects=view.suspects(found),
        others=view.everybody_else(found),
        got=view.got(found),
        unknown=view.unknown(found),
        next_steps=view.next_steps(found),
        changes=view.changes(found),
        days=_days(found.timeline[:MOST_LINES]),
        left_out=max(0, len(found.timeline) - MOST_LINES),
        score=words.SCORE,
        nobody=words.NOBODY,
        no_acts=words.NO_ACTS,
        all_known=words.ALL_KNOWN,
        nothing_got=words.NOTHING_GOT if view.reads_recorded(found) else words.GOT_UNKNOWN,
    )


def _days(timeline: Sequence[TimelineEntry]) -> list[tuple[str, list[TimelineEntry]]]:
    return [(day, list(those)) for day, those in groupby(timeline, lambda one: f"{one.time:%Y-%m-%d, %A}")]
