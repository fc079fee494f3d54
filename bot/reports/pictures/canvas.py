"""What pictures are drawn on: one font, one palette, text that cannot misbehave. Importing it is slow.

The palette is Okabe and Ito's (https://jfly.uni-koeln.de/color/): told apart by colour-blind people; and no
meaning hangs on colour alone. The background is the picture's own, for Slack's dark and light mode.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from bot.evidence.wording import short

PAPER, INK, SOFT, LINE, WASH = "#ffffff", "#1c2330", "#5a6474", "#d5d9e0", "#f3f4f7"
SUSPECT, SUSPECT_WASH, OTHER, CHANGE = "#b3440a", "#fdf1ea", "#0072b2", "#1c2330"

#: Inches. At 160 dots an inch 1,200 dots: sharp on a phone, small enough for Slack's preview.
WIDTH = 7.5
DPI = 160
#: Points. On a phone the whole picture is about a third as wide.
BIG, NORMAL, SMALL = 15.0, 11.5, 10.0

_FAMILY = "DejaVu Sans"
_STRANGE = "\N{WHITE SQUARE}"
# The library keeps its settings and fonts for the whole process.
_ONE_AT_A_TIME = threading.Lock()


def picture(height: float, draw: Callable[[Axes], None]) -> bytes:
    """A PNG of WIDTH by `height` inches; `draw` gets axes in inches, with the origin at the top left."""
    with _ONE_AT_A_TIME, mpl.rc_context():
        # Whatever a settings file in somebody's home says.
        mpl.rcdefaults()
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        draw(axes)
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def write(axes: Axes, x: float, y: float, text: str, **how: Any) -> Text:
    """One line of text, its middle at `y`. Nothing in it is mathematics, whatever it holds."""
    look: dict[str, Any] = {"fontsize": NORMAL, "color": INK, "va": "center", "family": _FAMILY}
    return axes.text(x, y, plain(text), parse_math=False, **(look | how))


def fit(axes: Axes, x: float, y: float, text: str, width: float, **how: Any) -> Text:
    """The same, cut in the middle until it is at most `width` inches wide."""
    text = plain(text)
    written = write(axes, x, y, text, **how)
    while (wide := _inches(written)) > width and len(text) > 4:
        kept = max(3, min(len(text) - 2, int(len(text) * width / wide)))
        text = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 + 1 :]}"
        written.set_text(text)
    return written


def _inches(text: Text) -> float:
    return float(text.get_window_extent().width) / DPI


def plain(text: str) -> str:
    """One line that can be drawn: no control characters, no text that runs from the right, known glyphs."""
    return "".join(one if _drawable(one) else _STRANGE for one in short(text, 300))


def _drawable(char: str) -> bool:
    # Marks pile up on the letter before them; letters that run from the right turn their neighbours around.
    strange = unicodedata.category(char)[0] in "CM" or unicodedata.bidirectional(char) in ("R", "AL", "AN")
    return not strange and ord(char) in _glyphs()


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=_FAMILY))).get_charmap())
