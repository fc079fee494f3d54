"""Draws the lineage: what issued which key, top to bottom, and on the right the bucket that they reached."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from bot.reports.pictures import canvas
from bot.reports.pictures.tree import Box, Tree

MARGIN, TOP, GAP, INDENT = 0.3, 1.0, 0.2, 0.34
LINE, PADDING = 0.235, 0.13
#: The bucket's column, inches from the left.
RIGHT, BUCKET = canvas.WIDTH - 1.5, canvas.WIDTH - 1.05


def draw(tree: Tree) -> bytes:
    """The PNG."""
    tops, y = [], TOP
    for box in tree.boxes:
        tops.append(y)
        y += _height(box) + GAP
    bottom = max(y, TOP + 1.0)
    height = bottom + (0.35 if tree.left_out else 0.1)

    def paint(axes: Axes) -> None:
        wide = canvas.WIDTH - 2 * MARGIN
        canvas.fit(
            axes, MARGIN, 0.33, f"How access reached {tree.bucket}", wide, fontsize=canvas.BIG, weight="bold"
        )
        how = "Indented: issued by the box above. Thick border: suspect."
        canvas.fit(axes, MARGIN, 0.63, how, wide, color=canvas.SOFT)
        for at, box in enumerate(tree.boxes):
            _box(axes, box, tops[at])
            if box.above is not None and box.above < len(tops):
                _issued(axes, tree.boxes[box.above], tops[box.above], box, tops[at])
        _bucket(axes, tree, bottom - GAP)
        if tree.left_out:
            more = f"and {tree.left_out} more: the report lists every key"
            canvas.write(axes, MARGIN, bottom + 0.08, more, color=canvas.SOFT)

    return canvas.picture(height, paint)


def _lines(box: Box) -> list[str]:
    return [line for line in (f"key {box.key}" if box.key else "", box.how, box.reach) if line]


def _height(box: Box) -> float:
    return LINE * (1 + len(_lines(box))) + 2 * PADDING


def _left(box: Box) -> float:
    return MARGIN + INDENT * box.depth


def _box(axes: Axes, box: Box, top: float) -> None:
    left, tall = _left(box), _height(box)
    _frame(axes, left, top, RIGHT - left, tall, suspicious=box.suspicious)
    wide = RIGHT - left - 2 * PADDING
    title = f"SUSPECT  {box.title}" if box.suspicious else box.title
    ink = canvas.SUSPECT if box.suspicious else canvas.INK
    y = top + PADDING + LINE / 2
    canvas.fit(axes, left + PADDING, y, title, wide, weight="bold", color=ink)
    for at, line in enumerate(_lines(box), start=1):
        canvas.fit(axes, left + PADDING, y + LINE * at, line, wide, fontsize=canvas.SMALL)
    if box.at_bucket:
        _arrow(axes, (RIGHT, top + tall / 2), (BUCKET, top + tall / 2), ink, 2.0 if box.suspicious else 1.0)


def _frame(axes: Axes, left: float, top: float, wide: float, tall: float, *, suspicious: bool) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.06, top + 0.06),
            wide - 0.12,
            tall - 0.12,
            boxstyle="round,pad=0.06",
            facecolor=canvas.SUSPECT_WASH if suspicious else canvas.WASH,
            edgecolor=canvas.SUSPECT if suspicious else canvas.SOFT,
            linewidth=2.4 if suspicious else 1.0,
        )
    )


def _issued(axes: Axes, parent: Box, above: float, box: Box, top: float) -> None:
    """From the lower edge of the box above down and right to this one."""
    left = _left(box)
    x = min(_left(parent), left - INDENT) + INDENT / 2
    middle = top + _height(box) / 2
    axes.plot([x, x], [above + _height(parent), middle], color=canvas.INK, linewidth=1.2, zorder=0)
    _arrow(axes, (x, middle), (left, middle), canvas.INK, 1.2)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], ink: str, width: float) -> None:
    look = {"arrowstyle": "-|>", "color": ink, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)


def _bucket(axes: Axes, tree: Tree, bottom: float) -> None:
    suspicious = any(box.suspicious and box.at_bucket for box in tree.boxes)
    _frame(axes, BUCKET, TOP, canvas.WIDTH - MARGIN - BUCKET, bottom - TOP, suspicious=suspicious)
    x, y = (BUCKET + canvas.WIDTH - MARGIN) / 2, (TOP + bottom) / 2
    canvas.write(axes, x, y, "bucket", ha="center", weight="bold", fontsize=canvas.SMALL)
