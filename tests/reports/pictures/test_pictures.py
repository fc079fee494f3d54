"""Really drawn: PNGs that hold what they should, from friendly and from hostile investigations."""

from __future__ import annotations

import struct
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.report import Investigation
from bot.reports.pictures.canvas import plain
from bot.reports.pictures.pictures import lineage, pictures, timeline
from bot.reports.pictures.sentences import MOST, lineage_alt_text, timeline_alt_text
from tests.examples import some_of
from tests.incidents.evidence import USER, investigation
from tests.reports.shown import act, busy, complete, hop, person

HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("$_^{}\\\u202e\u0301\u05d0\n\x1b%"),
    min_size=1,
    max_size=200,
)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def hostile(text: str) -> Investigation:
    """Every text of an attacker's is this one."""
    (actor,) = complete().actors
    origins = tuple(one.model_copy(update={"access_key_id": text}) for one in actor.origins)
    named = {"principal": text, "origins": origins, "source_ips": (text,)}
    return complete(
        bucket=text,
        actors=(actor.model_copy(update=named),),
        people=(person(name=text),),
        lineage=(hop(text), hop("B", text, principal=text, origin=text, event=text)),
        timeline=(act(1, "iam:PutUserPolicy", text, principal=text),),
        activity=(busy(text, 1),),
    )


def test_both_pictures_are_wide_enough_to_be_read_and_small_enough_to_be_sent() -> None:
    first, second = pictures(complete())
    assert (first.name, second.name) == ("timeline", "lineage")
    for one in (first, second):
        width, height = size_of(one.png)
        assert width == 1200
        assert 300 < height < 4000
        assert len(one.png) < 1_000_000


def test_a_picture_is_the_same_each_time() -> None:
    assert [one.png for one in pictures(complete())] == [one.png for one in pictures(complete())]


def test_a_picture_carries_nothing_but_itself() -> None:
    for one in pictures(complete()):
        assert b"tEXt" not in one.png
        assert b"iTXt" not in one.png


def test_there_is_no_picture_of_nothing() -> None:
    nothing = investigation().model_copy(update={"actors": ()})
    assert pictures(nothing) == ()


def test_more_of_everything_makes_a_picture_of_the_same_width() -> None:
    found = complete(
        activity=tuple(busy(f"actor-{n}", n % 60, ok=n) for n in range(1000)),
        timeline=tuple(act(n % 50, "iam:CreateUser", "CreateUser " + "x" * 200) for n in range(100)),
        lineage=tuple(hop(f"AKIA{n}") for n in range(200)),
    )
    for one in pictures(found):
        width, height = size_of(one.png)
        assert (width, height < 5000) == (1200, True)


@settings(max_examples=some_of(15), deadline=None)
@given(HOSTILE)
def test_no_text_breaks_a_picture(text: str) -> None:
    found = hostile(text)
    for one in (timeline(found), lineage(found)):
        assert one is not None
        assert size_of(one.png)[0] == 1200


@given(HOSTILE)
def test_what_is_drawn_can_be_drawn_and_reads_from_the_left(text: str) -> None:
    for char in plain(text):
        assert unicodedata.category(char)[0] not in "CM"
        assert unicodedata.bidirectional(char) not in ("R", "AL", "AN", "RLO", "RLE", "RLI")


@pytest.mark.parametrize("text", ["$x^2$", "a_b", "\\frac{1}{2}", "100%"])
def test_nothing_is_mathematics(text: str) -> None:
    assert plain(text) == text
    assert timeline(hostile(text)) is not None


@given(HOSTILE)
def test_alt_texts_are_one_line_and_of_bearable_length(text: str) -> None:
    for said in (timeline_alt_text(hostile(text)), lineage_alt_text(hostile(text))):
        assert said.isprintable()
        assert 0 < len(said) <= MOST


def test_alt_texts_say_what_the_pictures_show() -> None:
    said = timeline_alt_text(complete())
    assert said.startswith("Requests over time in acme-payroll, 2026-03-01 02:00 to 02:05 UTC.")
    assert "Suspect user ci-deploy: 43 requests, 1 refused, up to 40 a minute" in said
    assert "Changes: 02:01:00 PutUserPolicy ci-deploy." in said
    said = lineage_alt_text(complete())
    assert said.startswith(
        "How access reached acme-payroll. Suspect user ci-deploy, key AKIAEXAMPLE000000001"
    )
    assert "issued by user ci-deploy, CreateAccessKey on 2026-03-01 02:05:00" in said


def test_what_took_months_is_told_with_its_days() -> None:
    far = 60 * 24 * 400
    late = act(far, "s3:PutBucketPolicy", "PutBucketPolicy acme")
    found = complete(activity=(busy(USER, 0), busy(USER, far)), timeline=(late,))
    said = timeline_alt_text(found)
    assert "acme-payroll, 2026-03-01 to 2027-04-05 UTC." in said
    assert "Changes: 2027-04-05 02:00 PutBucketPolicy acme." in said
    assert timeline(found) is not None


@pytest.mark.parametrize("module", ["bot.cli.main", "bot.app"])
def test_the_drawing_library_is_imported_only_to_draw(module: str) -> None:
    code = f"import sys, {module}; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
