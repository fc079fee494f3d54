"""An investigation as one page: complete, loading nothing, running nothing."""

from __future__ import annotations

import base64
import re

import pytest

from bot.reports.evidence_page import render_page
from bot.reports.pictures.pictures import pictures
from tests.incidents.evidence import investigation
from tests.reports.case import Page
from tests.reports.shown import act, complete, person

HOSTILE = [
    "<script>alert(1)</script>",
    "</style></head><body><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
]


def test_the_page_says_everything() -> None:
    text = Page.of(render_page(complete(), ())).text
    for said in (
        "One suspect read 2 objects.",
        "Carry out R2: user ci-deploy",
        "Rotate the secrets that were read.",
        "Data events were on.",
        "score 90",
        "+110",
        "A place it was never seen at",
        "-20",
        "Its key issued the other one",
        "secretsmanager:GetSecretValue",
        "Exfiltration:S3/AnomalousBehavior",
        "PutUserPolicy ci-deploy",
        "2 objects by 2 calls, exactly 178 bytes",
        "Whether the objects were copied on is not known",
        "Bucket policy opened to everybody",
        "Bulk read?",
    ):
        assert said in text, said


def test_pictures_are_in_the_file_with_their_alt_texts() -> None:
    drawn = pictures(complete())
    page = Page.of(render_page(complete(), drawn))
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert [one["alt"] for one in images] == [one.alt_text for one in reversed(drawn)]
    shown = [base64.b64decode(str(one["src"]).partition(",")[2]) for one in images]
    assert shown == [one.png for one in reversed(drawn)]


def test_nothing_is_loaded_or_run() -> None:
    html = render_page(complete(), pictures(complete()))
    page = Page.of(html)
    assert not page.tags & {"script", "iframe", "object", "embed", "link", "form", "base"}
    policy = next(
        a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    sources = [a for tag, attributes in page.elements for n, a in attributes.items() if n in ("src", "href")]
    assert all(re.match(r"data:image/png;base64,|#", str(one)) for one in sources)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_an_attacker_wrote_stays_text(text: str) -> None:
    (actor,) = complete().actors
    named = {"principal": text, "user_agents": (text,), "objects_read": (text,), "source_ips": (text,)}
    found = complete(
        bucket=text,
        verdict=text,
        actors=(actor.model_copy(update=named),),
        people=(person(name=text, joined=(text,), principals=(text,)),),
        timeline=(act(1, "s3:GetObject", text, principal=text),),
        unknown=(text,),
        next_steps=(text,),
    )
    clean = Page.of(render_page(complete(), pictures(complete())))
    page = Page.of(render_page(found, pictures(found)))
    assert page.tags == clean.tags
    assert page.attributes == clean.attributes
    assert "49" not in page.text.partition("Verdict")[2][:40]


def test_an_investigation_that_found_nothing_is_a_page_too() -> None:
    nothing = investigation(actors=[], findings=[], answers=[])
    text = Page.of(render_page(nothing, ())).text
    assert "Nobody. What cannot be known is listed below." in text
    assert "Unknown: object reads were not provably recorded." in text
