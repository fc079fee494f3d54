"""Patterns with `*` and `?`, compared with a slow reader that tries everything."""

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sigma.exceptions import SigmaPlaceholderError
from sigma.types import SigmaString, SpecialChars

from bot.evidence.detections.sigma.wildcards import plain_text, wildcard


def slowly(pattern: str, text: str) -> bool:
    """The definition: `*` is any run of characters, `?` one character, a backslash takes that away."""
    parts = [one for part in SigmaString(pattern).s for one in (part if isinstance(part, str) else [part])]

    @cache
    def holds(place: int, at: int) -> bool:
        if place == len(parts):
            return at == len(text)
        if parts[place] is SpecialChars.WILDCARD_MULTI:
            return holds(place + 1, at) or (at < len(text) and holds(place, at + 1))
        fits = at < len(text) and (parts[place] is SpecialChars.WILDCARD_SINGLE or parts[place] == text[at])
        return fits and holds(place + 1, at + 1)

    return holds(0, 0)


@settings(deadline=None)
@given(st.text("ab*?\\", max_size=8), st.text("ab*?\\\n", max_size=10))
@example("a*b*a", "aba")
@example("*?", "")
@example("a*a", "a")
@example("?b*", "ab")
@example("**", "")
def test_it_agrees_with_the_definition(pattern: str, text: str) -> None:
    assert wildcard(SigmaString(pattern), cased=True)(text) == slowly(pattern, text)


@settings(deadline=None)
@given(st.text("aB*?", max_size=6), st.text("AbaB", max_size=6))
def test_case_does_not_matter_unless_asked(pattern: str, text: str) -> None:
    assert wildcard(SigmaString(pattern), cased=False)(text.lower()) == slowly(pattern.lower(), text.lower())


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        (r"C:\Windows", r"C:\Windows", True),
        (r"C:\\Windows", r"C:\Windows", True),
        (r"100\*", "100*", True),
        (r"100\*", "1000", False),
        (r"a\\*", r"a\bc", True),
        (r"a\\\*", r"a\*", True),
        (r"a\\\*", r"a\b", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_escapes(pattern: str, text: str, *, holds: bool) -> None:
    assert wildcard(SigmaString(pattern), cased=True)(text) is holds


def test_a_hostile_text_takes_no_longer_than_its_length() -> None:
    pattern = wildcard(SigmaString("*a?a" * 12 + "*b"), cased=True)
    assert not pattern("a" * 1_000_000)


def test_texts_without_wildcards() -> None:
    assert plain_text(SigmaString("Put")) == "Put"
    assert plain_text(SigmaString(r"\*")) == "*"
    assert plain_text(SigmaString("Put*")) is None


def test_a_placeholder_without_values_is_named() -> None:
    with pytest.raises(SigmaPlaceholderError, match="%admins% has no values"):
        wildcard(SigmaString("%admins%").insert_placeholders(), cased=False)
