from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playbooks.conditions import holds
from bot.playbooks.context import empty_context, sample_context
from bot.playbooks.render import LONGEST, RenderError, escape, render

HOSTILE = "<!channel> <@U1> & `x`\n*Approved by* <https://evil.example|S3>\u202e"


def test_values_are_escaped_and_templates_are_not() -> None:
    text = render("*{{ value }}*\n<#C1> & {{ value | upper }}", {"value": "<b>&"})
    assert text == "*&lt;b&gt;&amp;*\n<#C1> & &lt;B&gt;&amp;"


@pytest.mark.parametrize(
    "template",
    [
        "{{ v }}",
        "{{ v | code }}",
        "{{ v | mention }}",
        "{{ [v, v] | join(' ') }}",
        "{{ 'a' ~ v }}",
        "{{ v | replace('a', '<') }}",
    ],
)
@settings(deadline=None)
@given(text=st.one_of(st.text(), st.just(HOSTILE)))
def test_no_value_makes_a_mention_a_link_or_a_line(template: str, text: str) -> None:
    shown = render(f"begin {template} end", {"v": text})
    assert re.search(r"[<>\n\r\u2028\u202e]", shown) is None or re.fullmatch(
        r"begin <@[UW][A-Z0-9]+> end", shown
    )
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", shown)


@settings(deadline=None)
@given(st.text())
def test_code_ends_where_it_should(text: str) -> None:
    assert render("{{ v | code }}", {"v": text}).count("`") == 2


def test_a_user_is_a_mention() -> None:
    assert render("{{ v | mention }}", {"v": "U0DANA"}) == "<@U0DANA>"
    assert render("{{ v | mention }}", {"v": "U0DANA>"}) == "U0DANA&gt;"
    assert render("{{ (v | mention) ~ '' }}", {"v": "U0DANA"}) == "&lt;@U0DANA&gt;"


@pytest.mark.parametrize(
    "template",
    [
        "{{ x.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ x.append(1) }}",
        "{{ range(10 ** 9) }}",
        "{{ missing }}",
        "{{ x.missing }}",
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{% include 'other' %}",
        "{% if %}",
        "{{ x | nofilter }}",
        "{{ '{0.__class__}'.format(x) }}",
    ],
)
def test_what_a_template_cannot_do(template: str) -> None:
    with pytest.raises(RenderError):
        render(template, {"x": [1]})


def test_a_text_that_grows_is_cut_and_says_so() -> None:
    text = render("{% for one in many %}{{ one }}{% endfor %}", {"many": ["x" * 1000] * 50})
    assert text.endswith("cut: the text has 50000 characters.")
    assert len(text) < LONGEST + 100


def test_escape_keeps_what_is_harmless() -> None:
    assert escape("arn:aws:iam::111122223333:user/ci-deploy") == "arn:aws:iam::111122223333:user/ci-deploy"
    assert escape(None) == "None"


@pytest.mark.parametrize(
    ("expression", "sample", "empty"),
    [
        (None, True, True),
        ("true", True, True),
        ("suspects", True, False),
        ("answers.E10.answer == 'yes'", False, False),
        ("proposals | selectattr('remediation', 'equalto', 'R2') | list | length > 0", True, False),
        ("findings | map(attribute='severity') | select('in', ['high', 'critical']) | list", True, False),
        ("incident.severity <= 2 and not incident.contained", True, True),
    ],
)
def test_conditions(expression: str | None, sample: bool, empty: bool) -> None:
    assert holds(expression, sample_context()) is sample
    assert holds(expression, empty_context()) is empty


@pytest.mark.parametrize(
    "expression",
    [
        "finding",
        "answers.E99",
        "incident.colour == 'red'",
        "1 +",
        "().__class__",
        "1 / 0",
        "suspects + 1",
        "}}",
    ],
)
def test_a_condition_that_cannot_be_decided_is_never_guessed(expression: str) -> None:
    with pytest.raises(RenderError):
        holds(expression, sample_context())
