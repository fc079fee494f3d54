"""How many examples a property is tried with: some in a quick run, all of them in `make proof`."""

from __future__ import annotations

from hypothesis import settings

ALL = "all-examples"


def register_profiles() -> None:
    """Hypothesis's own hundred, and the some of a quick run, which is what holds from now on."""
    settings.register_profile(ALL, max_examples=100)
    settings.register_profile("some-examples", max_examples=40)
    settings.load_profile("some-examples")


def some_of(most: int) -> int:
    """For a property that says itself how many: a third of them, or `most` under `make proof`."""
    return most if settings.get_current_profile_name() == ALL else -(-most // 3)
