"""`*` and `?` as the policy language reads them.

A pattern is text in which `*` stands for any run of characters and `?` for one. The policy language's own
escapes `${*}`, `${?}` and `${$}` stand for the character itself; substituted values are written with them, so
that a value never turns into a wildcard. Policies and resource names come from attackers, so matching never
backtracks over more than one `*`: the runs between are found leftmost, in atomic groups.

Source: IAM User Guide, "Resource" (wildcards), "Condition operators" (String, ARN), "Variables and tags"
(escapes).
"""

import re
from functools import lru_cache

_SPECIAL = re.compile(r"[*?$]")
_ESCAPE = re.compile(r"\$\{([*?$])\}")
_TOKEN = re.compile(r"\$\{([*?$])\}|(\?)|([^?$]+|\$)")
_STAR = re.compile(r"(?<!\$\{)\*+|(?<=\$\{)\*+(?!\})")
_ARN_PARTS = 6


def literal(text: str) -> str:
    """A pattern that matches `text` and nothing else."""
    return _SPECIAL.sub(r"${\g<0>}", text)


def plain(pattern: str) -> str:
    """The text of a pattern where wildcards have no meaning (StringEquals): only the escapes are undone."""
    return _ESCAPE.sub(r"\1", pattern)


def is_fixed(pattern: str) -> bool:
    """Whether the pattern names one value: no wildcard and no policy variable."""
    return "*" not in pattern and "?" not in pattern and "${" not in pattern


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole text matches; `*` crosses `:` and `/`, as in Resource and StringLike."""
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether an ARN matches part by part, as ArnEquals and ArnLike compare: a `*` does not cross the first
    five colons.

    A pattern with fewer than six parts matches only when it ends in `*`, which then stands for the rest.
    """
    wanted, given = pattern.split(":", _ARN_PARTS - 1), arn.split(":", _ARN_PARTS - 1)
    if len(wanted) < _ARN_PARTS:
        return pattern.endswith("*") and matches(pattern, arn)
    return len(given) == _ARN_PARTS and all(matches(w, g) for w, g in zip(wanted, given, strict=True))


@lru_cache(maxsize=8192)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    first, *rest = (_fixed(run) for run in _STAR.split(pattern))
    tail = "".join(f"(?>.*?{run})" for run in rest[:-1]) + f".*{rest[-1]}" if rest else ""
    return re.compile(first + tail, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _fixed(run: str) -> str:
    """The regular expression of a run without `*`."""
    return "".join("." if one else re.escape(escaped or text) for escaped, one, text in _TOKEN.findall(run))
