"""Whom the other services are asked about, and their word put beside the events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.evidence.answers.case import Case
from bot.evidence.clues.gathered import Gathered, Suspicion

#: Asks the other services; see bot.incidents.facts.
Facts = Callable[[Suspicion], Gathered]


def suspicion_of(case: Case) -> Suspicion:
    """The keys and principals of everybody under suspicion, and when the first of their signs was."""
    suspects = {actor: one for actor, one in case.assessed.items() if one.label == "suspect"}
    keys = {origin[0] for one in suspects.values() for origin in one.origins if origin[0]}
    principals = {case.collected.tallies[actor].who.principal for actor in suspects}
    signs = [sign.first for one in suspects.values() for sign in one.signs]
    return Suspicion(
        keys=frozenset(keys | case.collected.question.keys),
        principals=frozenset(principals),
        since=min(signs, default=None),
    )


def with_gathered(case: Case, gathered: Gathered) -> Case:
    """The case with what the services said."""
    return replace(
        case,
        clues=(*case.clues, *gathered.clues),
        bucket_before=gathered.bucket_before,
        covered=replace(case.covered, rows=(*case.covered.rows, *gathered.coverage)),
    )
