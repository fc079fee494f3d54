"""Every sentence that people read of statements that are taken out of a policy.

Sids, principals and actions in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 6


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def not_understood(label: str, error: str) -> str:
    return f"The policy of {label} is not understood, so it is not changed: {error}"


def nobody_outside(label: str, labels: Sequence[str]) -> str:
    return (
        f"No statement in the policy of {label} lets anybody in from outside of the account and its"
        f" organization. There is: {_listed(labels)}. If one of them is the attacker's, name it."
    )


def no_such_statement(label: str, missing: Sequence[str], there: Sequence[str]) -> str:
    return f"The policy of {label} has no statement {_listed(missing)}. There is: {_listed(there)}."


def keeps_denies(label: str, denies: Sequence[str]) -> str:
    return (
        f"Statement {_listed(denies)} in the policy of {label} denies, and taking a Deny out opens something:"
        " the bot does not. Change it by hand if it is what locks you out."
    )


def takes_out(label: str, actions: Sequence[str], who: Sequence[str]) -> str:
    named = [f"account {one}" if one.isdecimal() else one for one in who]
    whom = _listed(named) or "principals of this account"
    return f"Statement {label} lets {whom} do {_listed(actions)}. It is taken out."


def keeps_statements(count: int) -> str:
    return "The other statement stays as it is." if count == 1 else f"The other {count} statements stay."
