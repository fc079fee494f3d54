"""Regular expressions of the specification's subset, compared with Python's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.exceptions import SigmaRegularExpressionError
from sigma.policy.profiles import TrustedPolicy
from sigma.types import SigmaRegularExpression, SigmaRegularExpressionFlag

from bot.evidence.detections.sigma.regexes import regular_expression

_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: re.IGNORECASE,
    SigmaRegularExpressionFlag.MULTILINE: re.MULTILINE,
    SigmaRegularExpressionFlag.DOTALL: re.DOTALL,
}


def atoms() -> st.SearchStrategy[str]:
    single = st.sampled_from(["a", "b", "A", ".", "[ab]", "[^a]", r"\.", r"\d", "é"])
    grown = st.recursive(
        single,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["*", "+", "?", "{1,2}"])).map(
                lambda two: f"({two[0]}){two[1]}"
            ),
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        ),
        max_leaves=5,
    )
    return st.tuples(st.sampled_from(["", "^"]), grown, st.sampled_from(["", "$"])).map("".join)


@settings(deadline=None)
@given(atoms(), st.text("abAé.1\n", max_size=8), st.sets(st.sampled_from(sorted(_FLAGS, key=str))))
def test_it_agrees_with_python(source: str, text: str, flags: set[SigmaRegularExpressionFlag]) -> None:
    if SigmaRegularExpressionFlag.MULTILINE in flags:
        # In Python a line begins after the last line break, in PCRE it does not.
        text = text.rstrip("\n")
    expected = re.search(source, text, sum(_FLAGS[flag] for flag in flags))
    assert regular_expression(SigmaRegularExpression(source, flags))(text) == (expected is not None)


@pytest.mark.parametrize("source", [r"(?=a)b", r"(?<!a)b", r"(a)\1"])
def test_what_the_specification_leaves_out_is_named(source: str) -> None:
    with pytest.raises(SigmaRegularExpressionError, match="the regular expression"):
        regular_expression(SigmaRegularExpression(source, policy=TrustedPolicy))


def test_a_pattern_that_ruins_backtracking_matchers() -> None:
    holds = regular_expression(SigmaRegularExpression("^(a+)+$"))
    assert not holds("a" * 100_000 + "!")
    assert holds("a" * 100_000)


def test_text_that_is_no_unicode() -> None:
    assert regular_expression(SigmaRegularExpression("^x.y$"))("x\udc80y")
