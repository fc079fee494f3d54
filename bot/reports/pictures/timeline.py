"""Draws the timeline: requests a minute of each actor, refusals hanging below, changes numbered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from bot.evidence.wording import some
from bot.reports.pictures import canvas
from bot.reports.pictures.chart import Bar, Chart, Lane, Mark
from bot.reports.pictures.sentences import changes_left_out, per_minute, seen_from

MARGIN = 0.3
TOP = 1.12
MARKS = 0.58
LANE, UP, DOWN = 0.86, 0.36, 0.16
LINE = 0.27
#: Even the smallest bar must be seen, inches.
LEAST = 0.03
#: How the clock is written, by how long a time is shown.
_FORMS = (
    (timedelta(days=2), "%H:%M"),
    (timedelta(days=300), "%b %d"),
    (timedelta.max, "%Y-%m"),
)
#: The lines of changes pass behind text.
_OVER = {"bbox": {"facecolor": canvas.PAPER, "linewidth": 0, "pad": 1.5}, "zorder": 4}
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200, 129600)


def draw(chart: Chart) -> bytes:
    """The PNG."""
    listed = len(chart.marks) + bool(chart.more_marks)
    lanes = TOP + MARKS * bool(chart.marks) + LANE * len(chart.lanes)
    height = lanes + 0.45 + (LINE * listed + 0.5 if listed else 0.1)

    def paint(axes: Axes) -> None:
        scale = Scale(chart.start, chart.end)
        _heading(axes, chart)
        _clock(axes, scale, lanes)
        for at, lane in enumerate(chart.lanes):
            _lane(axes, scale, lane, TOP + MARKS * bool(chart.marks) + LANE * at)
        _marks(axes, scale, chart, lanes)
        _listed(axes, chart, lanes + 0.75)

    return canvas.picture(height, paint)


class Scale:
    """Where a moment lies, in inches from the left."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.length = start, max(end - start, timedelta(minutes=1))

    def __call__(self, moment: datetime) -> float:
        return MARGIN + self.width(moment - self.start)

    def width(self, length: timedelta) -> float:
        return (canvas.WIDTH - 2 * MARGIN) * (length / self.length)

    def ticks(self) -> Iterator[datetime]:
        """Whole minutes, hours or days, at most six of them."""
        minutes = next((one for one in _STEPS if self.length <= timedelta(minutes=6 * one)), _STEPS[-1])
        step = timedelta(minutes=minutes)
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight + -(-(self.start - midnight) // step) * step
        while moment <= self.start + self.length:
            yield moment
            moment += step


def _heading(axes: Axes, chart: Chart) -> None:
    wide = canvas.WIDTH - 2 * MARGIN
    canvas.fit(
        axes, MARGIN, 0.33, f"Requests over time: {chart.bucket}", wide, fontsize=canvas.BIG, weight="bold"
    )
    canvas.fit(axes, MARGIN, 0.63, seen_from(chart), wide, color=canvas.SOFT)
    how = "Bars up: let through. Hatched bars down: refused. Each lane has its own scale."
    canvas.fit(axes, MARGIN, 0.88, how, wide, color=canvas.SOFT, fontsize=canvas.SMALL)


def _clock(axes: Axes, scale: Scale, bottom: float) -> None:
    form = next(form for most, form in _FORMS if scale.length < most)
    for moment in scale.ticks():
        x = scale(moment)
        axes.plot([x, x], [TOP, bottom], color=canvas.LINE, linewidth=0.8, zorder=0)
        side = "left" if x < MARGIN + 0.3 else "right" if x > canvas.WIDTH - MARGIN - 0.3 else "center"
        canvas.write(
            axes, x, bottom + 0.18, f"{moment:{form}}", ha=side, color=canvas.SOFT, fontsize=canvas.SMALL
        )


def _lane(axes: Axes, scale: Scale, lane: Lane, top: float) -> None:
    colour = canvas.SUSPECT if lane.suspicious else canvas.OTHER
    base = top + 0.28 + UP
    amount = f"{some(lane.requests, 'request')}, {lane.denied:,} refused, {per_minute(lane.peak)}"
    y, end = top + 0.1, canvas.WIDTH - MARGIN
    look = {"color": canvas.SOFT, "fontsize": canvas.SMALL, **_OVER}
    right = canvas.write(axes, end, y, amount, ha="right", **look)
    room = right.get_window_extent().x0 / canvas.DPI - MARGIN - 0.15
    name = f"SUSPECT  {lane.name}" if lane.suspicious else lane.name
    weight = "bold" if lane.suspicious else "normal"
    canvas.fit(axes, MARGIN, y, name, room, color=colour, weight=weight, **_OVER)
    axes.plot([MARGIN, end], [base, base], color=canvas.SOFT, linewidth=0.8, zorder=3)
    for bar in lane.bars:
        _bar(axes, scale, bar, base, lane.peak, colour)


def _bar(axes: Axes, scale: Scale, bar: Bar, base: float, peak: float, colour: str) -> None:
    # One that began before the picture does is shown from there on.
    left = max(scale(bar.start), MARGIN)
    right = min(scale(bar.start + timedelta(minutes=bar.minutes)), canvas.WIDTH - MARGIN)
    wide = max(right - left, LEAST)
    if bar.ok:
        tall = max(UP * bar.ok / peak, LEAST)
        axes.add_patch(Rectangle((left, base - tall), wide, tall, facecolor=colour, linewidth=0, zorder=2))
    if bar.denied:
        tall = max(DOWN * bar.denied / peak, 2 * LEAST)
        axes.add_patch(
            Rectangle(
                (left, base),
                wide,
                tall,
                facecolor=canvas.PAPER,
                edgecolor=colour,
                hatch="//////",
                linewidth=0.8,
                zorder=2,
            )
        )


def _marks(axes: Axes, scale: Scale, chart: Chart, bottom: float) -> None:
    """A numbered disc and a line for each change; discs that would overlap stand on the next level."""
    taken = [float("-inf")] * 3
    for mark in chart.marks:
        x = min(max(scale(mark.time), MARGIN + 0.1), canvas.WIDTH - MARGIN - 0.1)
        level = next((at for at, until in enumerate(taken) if x >= until), 2)
        x = max(x, taken[level])
        taken[level] = x + 0.24
        y = TOP + 0.05 + 0.22 * (2 - level)
        axes.plot(
            [scale(mark.time)] * 2,
            [y, bottom],
            color=canvas.CHANGE,
            linewidth=0.9,
            linestyle=(0, (3, 3)),
            zorder=1,
        )
        _disc(axes, x, y, mark)


def _disc(axes: Axes, x: float, y: float, mark: Mark) -> None:
    """Filled for a suspect's change, empty for another's."""
    filled = canvas.SUSPECT if mark.suspicious else canvas.PAPER
    edge = canvas.SUSPECT if mark.suspicious else canvas.INK
    axes.add_patch(Circle((x, y), 0.1, facecolor=filled, edgecolor=edge, linewidth=1, zorder=5))
    ink = canvas.PAPER if mark.suspicious else canvas.INK
    canvas.write(
        axes, x, y + 0.005, str(mark.number), ha="center", color=ink, fontsize=8.5, weight="bold", zorder=6
    )


def _listed(axes: Axes, chart: Chart, top: float) -> None:
    for at, mark in enumerate(chart.marks):
        y = top + LINE * at
        _disc(axes, MARGIN + 0.1, y, mark)
        said = f"{chart.stamp(mark.time)}  {mark.text}, by {mark.who}"
        canvas.fit(axes, MARGIN + 0.3, y, said, canvas.WIDTH - 2 * MARGIN - 0.3, fontsize=canvas.SMALL)
    if chart.more_marks:
        y = top + LINE * len(chart.marks)
        canvas.write(
            axes,
            MARGIN + 0.3,
            y,
            changes_left_out(chart.more_marks),
            fontsize=canvas.SMALL,
            color=canvas.SOFT,
        )
