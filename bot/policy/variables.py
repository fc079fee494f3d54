"""Policy variables: `${aws:username}`, with a default as in `${aws:PrincipalTag/team, 'company-wide'}`.

Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

import re
from dataclasses import dataclass

from bot.policy.context import Context
from bot.policy.wildcard import literal

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_KEY_AND_DEFAULT = re.compile(r"\s*([^,]+?)\s*(?:,\s*'(.*)'\s*)?", re.DOTALL)
_ESCAPES = frozenset("*?$")


@dataclass(frozen=True)
class Expanded:
    """A policy value with its variables filled in.

    `pattern` is as in `bot.policy.wildcard`; None when a variable has no value, which makes AWS's statement
    invalid. `unknown` are the keys that cannot be known; in their place the pattern has a `*`.
    """

    pattern: str | None
    unknown: frozenset[str] = frozenset()


def expand(text: str, context: Context, *, enabled: bool) -> Expanded:
    """Fill in the variables; where the policy's Version knows none (`enabled` false), `${` is plain text."""
    if "$" not in text:
        return Expanded(text)
    if not enabled:
        return Expanded(text.replace("$", "${$}"))
    unknown: set[str] = set()
    done, end = [], 0
    for variable in _VARIABLE.finditer(text):
        value = _resolve(variable[1], context, unknown)
        if value is None:
            return Expanded(None)
        done += [text[end : variable.start()], value]
        end = variable.end()
    return Expanded("".join([*done, text[end:]]), frozenset(unknown))


def _resolve(inside: str, context: Context, unknown: set[str]) -> str | None:
    """The pattern that takes a variable's place, or None when it has no single value and no default."""
    if inside in _ESCAPES:
        return f"${{{inside}}}"
    parts = _KEY_AND_DEFAULT.fullmatch(inside)
    if parts is None:
        return None
    key, default = parts[1], parts[2]
    if context.unknown(key):
        unknown.add(key)
        return "*"
    values = context.values(key)
    if len(values) == 1:
        return literal(values[0])
    return None if values or default is None else literal(default)
