"""Pictures as templates take them: in the file itself, each with the words that stand for it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from bot.reports.pictures.pictures import Picture


@dataclass(frozen=True)
class Figure:
    """A picture as the template takes it; `data` is base64, which is no text to look for secrets in."""

    title: str
    alt_text: str
    data: Markup


def figures(pictures: Iterable[Picture]) -> dict[str, Figure]:
    """By name: "timeline", "lineage"."""
    return {one.name: _figure(one) for one in pictures}


def _figure(picture: Picture) -> Figure:
    data = Markup(base64.b64encode(picture.png).decode())  # noqa: S704 -- base64 has nothing to escape
    return Figure(picture.title, picture.alt_text, data)
