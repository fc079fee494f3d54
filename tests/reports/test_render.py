from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError, UndefinedError
from jinja2.exceptions import SecurityError

from bot.remediation.plan import Plan
from bot.reports.pictures.pictures import pictures
from bot.reports.render import TEMPLATE, render
from bot.store import plans
from tests.evidence.records import ALLOW_ALL, LEAKED_KEY, Log, session, user
from tests.examples import some_of
from tests.reports.case import Case, Page

HOSTILE = (
    "<script>alert(1)</script>",
    "</style></head><body><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><a href=javascript:alert(1)>here</a>",
)
WORDS = """
    html head meta title style body div header p h1 h2 h3 h4 dl dt dd nav a section br span table thead tbody
    tr th td ul li time code pre footer
"""
ELEMENTS = frozenset(WORDS.split())
ATTRIBUTES = frozenset(
    (
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "id",
        "href",
        "aria-label",
        "datetime",
        "data-name",
    )
)

GRANT = {"userName": "ci-deploy", "policyDocument": ALLOW_ALL}


def attacked_with(case: Case, text: str) -> None:
    """The text in every place that an attacker reaches: client, key, session name, Sid, and the channel."""
    log = Log()
    thief = user("ci-deploy", LEAKED_KEY, "203.0.113.66", text)
    log.denied(thief, "s3", "ListBuckets")
    log.call(thief, "iam", "PutUserPolicy", requestParameters=GRANT | {"policyName": text})
    log.wait(seconds=5).call(thief, "s3", "ListBuckets")
    log.object(thief, "GetObject", f"payroll/{text}.csv")
    log.object(
        session("app", text.replace("/", "|"), "ASIAEXAMPLE000000001", "10.0.0.1", text), "GetObject", text
    )
    case.investigate(log)
    row = case.desk.propose(case.incident)
    plan = Plan.model_validate(row.body)
    statement = {"Sid": text, "Principal": "*"}
    changed = plan.model_copy(
        update={"before": {"Statement": [statement]}, "warnings": (text,), "title": text}
    )
    with case.desk.database.begin() as tx:
        stored = plans.get(tx, row.id)
        assert stored is not None
        stored.body, stored.reason = changed.model_dump(mode="json"), text
    case.desk.reject(case.desk.plan(row.id), reason=text)
    case.close(note=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_an_attacker_wrote_stays_text(case: Case, text: str) -> None:
    attacked_with(case, text)
    page = case.page()
    assert page.tags <= ELEMENTS
    assert page.attributes <= ATTRIBUTES
    sid, name = json.dumps(text), text.replace("/", "|")
    for said in (f"payroll/{text}.csv", f"session {name} of role app", f'"Sid": {sid}', f"Closed. {text}"):
        assert said in page.text
    assert page.text.count(text) >= 8


def test_no_text_whatever_makes_an_element(case: Case) -> None:
    def page(text: str) -> Page:
        facts = replace(data.facts, suspicion=text, bucket=text, closed_by=text, region=text)
        return Page.of(render(replace(data, facts=facts, summary=(text,), unknown=(text,))))

    @given(st.text(max_size=60))
    @settings(max_examples=some_of(25), deadline=None, database=None)
    def check(text: str) -> None:
        assert page(text).elements == harmless

    case.close()
    data = case.gather()
    harmless = page("nothing").elements
    check()


def test_nothing_is_loaded_or_run(case: Case) -> None:
    case.investigate()
    case.desk.propose(case.incident)
    page = case.page()
    assert not page.tags & {"script", "img", "link", "iframe", "object", "form", "base", "svg"}
    links = [attributes["href"] for _, attributes in page.elements if "href" in attributes]
    assert links
    assert all(link is not None and link.startswith("#") for link in links)
    places = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {str(link)[1:] for link in links} <= places
    policies = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_timeline_and_lineage_are_pictures_in_the_file_with_their_alt_texts(case: Case) -> None:
    case.investigate()
    data = case.gather()
    assert data.whole
    drawn = pictures(data.whole)
    page = Page.of(render(data, pictures=drawn))
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert [one.name for one in drawn] == ["timeline", "lineage"]
    assert [one["alt"] for one in images] == [one.alt_text for one in drawn]
    assert [base64.b64decode(str(one["src"]).partition(",")[2]) for one in images] == [o.png for o in drawn]
    assert all(str(one["src"]).startswith("data:image/png;base64,") for one in images)


def test_the_styles_load_nothing_and_serve_paper_phone_and_night(case: Case) -> None:
    html = render(case.gather())
    assert "url(" not in html
    assert "@import" not in html
    for wanted in ("@media print", "@media (max-width: 40rem)", "prefers-color-scheme: dark"):
        assert wanted in html


def test_secrets_are_taken_out_before_escaping(case: Case) -> None:
    secret = "ab12" * 16
    url = f"https://acme-payroll.s3.amazonaws.com/a?X-Amz-Signature={secret}&x=1"
    token = '{"sessionToken": "IQoJb3JpZ2luX2VjEXAMPLE"}'
    data = case.gather()
    html = render(replace(data, summary=(url, token)))
    assert secret not in html
    assert "IQoJb3JpZ2luX2VjEXAMPLE" not in html
    assert Page.of(html).text.count("[redacted]") == 2


def test_text_cannot_turn_round_or_hide(case: Case) -> None:
    data = replace(case.gather(), summary=("salaries\u202evsc.exe \x1b[31m \u200b \ud800",))
    assert "salaries\N{REPLACEMENT CHARACTER}vsc.exe" in Page.of(render(data)).text
    assert not {"\u202e", "\x1b", "\u200b", "\ud800"} & set(render(data))


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ report.facts.suspicion | safe }}", TemplateError),
        ("{{ report.__class__.__mro__ }}", SecurityError),
        ("{{ report.facts.bukket }}", UndefinedError),
    ],
)
def test_a_template_cannot_leave_its_sandbox(
    case: Case, tmp_path: Path, template: str, error: type[Exception]
) -> None:
    (tmp_path / TEMPLATE).write_text(template)
    with pytest.raises(error):
        render(case.gather(), tmp_path)


def test_a_team_can_have_its_own_template(case: Case, tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_text("<p>{{ report.facts.name }}: {{ report.facts.suspicion }}</p>")
    facts = replace(case.gather().facts, suspicion="<b>")
    assert render(replace(case.gather(), facts=facts), tmp_path) == "<p>inc-0001: &lt;b&gt;</p>"
