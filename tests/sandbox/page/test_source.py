"""What the page's own source may never contain."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

PAGE = Path(str(resources.files("bot.sandbox.page")))
SCRIPTS = sorted(PAGE.glob("*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_data_never_becomes_markup_or_code(script: Path) -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc"
    code = r"\beval\b|new Function|setTimeout\(\s*[\"'`]"
    assert re.findall(f"{markup}|{code}", script.read_text()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_module_stays_small(script: Path) -> None:
    assert len(script.read_text().splitlines()) <= 300


@pytest.mark.parametrize(
    "path", [*PAGE.glob("*.js"), *PAGE.glob("*.css"), *PAGE.glob("*.html")], ids=lambda path: path.name
)
def test_nothing_is_fetched_from_outside(path: Path) -> None:
    source = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("//"))
    assert re.findall(r"(?:src|href|url|import|from)\W{1,3}(?:https?:)?//[a-z]", source) == []


def test_the_html_has_nothing_inline() -> None:
    html = (PAGE / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html) == []


def test_every_file_the_page_asks_for_is_there() -> None:
    asked = set(re.findall(r"/static/([\w.-]+\.\w+)", (PAGE / "index.html").read_text()))
    for script in SCRIPTS:
        asked |= set(re.findall(r"from \"\./([\w.-]+)\"", script.read_text()))
    assert {name for name in asked if not (PAGE / name).is_file()} == set()


def test_every_icon_asked_for_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (PAGE / "icons.svg").read_text()))
    asked = {name for script in SCRIPTS for name in re.findall(r'icon\("(\w+)"\)', script.read_text())}
    assert asked <= drawn
