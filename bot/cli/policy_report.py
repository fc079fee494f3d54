"""Decisions and exposures on the terminal. Names, Sids and values are untrusted: they are printed as plain
text."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.evidence.wording import short
from bot.policy.exposure import Exposure, Way

_STYLES = {
    "allowed": "bold green",
    "explicitly_denied": "bold red",
    "implicitly_denied": "red",
    "depends": "bold yellow",
}
DECISIONS = {
    "allowed": "allowed",
    "explicitly_denied": "denied by an explicit Deny",
    "implicitly_denied": "denied, because nothing allows it",
    "depends": "cannot be decided",
}

_LEVELS = {
    "anyone": "anyone, without an AWS account",
    "any_aws_account": "anyone with an AWS account",
    "accounts": "other accounts",
    "organization": "an organization",
    "principals": "single principals or places",
    "nobody_else": "nobody outside the bucket's own account",
}
_YES_NO = {True: "yes", False: "no"}


def show_answer(answer: Mapping[str, Any], console: Console) -> None:
    """Print the answer to one case: the decision, what decided, and each condition."""
    line = Text(f"{short(answer['name'])}: ")
    line.append(DECISIONS[answer["decision"]], style=_STYLES[answer["decision"]])
    console.print(line)
    for reason in answer["because"]:
        console.print(Text(f"  {short(_because(reason), 500)}"))
        for condition in reason["conditions"]:
            console.print(Text(f"    {short(condition, 500)}", style="dim"))
    if answer["depends_on"]:
        keys = short(", ".join(answer["depends_on"]), 500)
        console.print(Text(f"  It depends on {keys}, which cannot be known here."))


def _because(reason: Mapping[str, Any]) -> str:
    if not reason["policy"]:
        return f"{reason['layer']}: {reason['statement']}."
    return f"{reason['layer']}: {reason['effect']} {reason['statement']} of {reason['policy']}"


def show_exposure(found: Exposure, console: Console) -> None:
    """Print both verdicts, the ways in, and each statement."""
    style = "bold red" if found.public else "bold"
    kinds = [kind for kind, public in (("policy", found.policy_public), ("ACL", found.acl_public)) if public]
    by = f", by its {' and its '.join(kinds)}" if kinds else ""
    console.print(Text(f"S3 calls it public: {_YES_NO[found.s3_public]}{by}"))
    console.print(Text(f"Who gets in now: {_LEVELS[found.effective]}", style=style))
    for way in found.ways:
        console.print(Text(f"  {short(_way(way), 1000)}"))
    if found.held_back_by:
        console.print(Text(f"Held back by: {', '.join(found.held_back_by)}", style="green"))
    if found.cross_account:
        console.print(Text(f"Other accounts named: {short(', '.join(found.cross_account), 1000)}"))
    if found.unrecognised:
        keys = short(", ".join(found.unrecognised), 500)
        console.print(
            Text(f"Unrecognised condition keys, treated as limiting nothing: {keys}", style="yellow")
        )
    for one in found.statements:
        called = short(one.sid or f"#{one.index}")
        console.print(
            Text(f"Statement {called}: {'public' if one.public else 'not public'}. {short(one.why, 1000)}")
        )


def _way(way: Way) -> str:
    return f"{way.kind} {way.name}: {', '.join(way.reach.who)}: {', '.join(way.actions)}"
