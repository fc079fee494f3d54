"""Sigma's regular expressions, matched in time linear in the text whatever the pattern.

The specification allows a subset of PCRE without look-around and back references (Sigma modifiers appendix
2.1.0); Hyperscan takes just that, and never backtracks. What it refuses is named when the rule is loaded.
"""

import threading
from collections.abc import Callable

import hyperscan
from sigma.exceptions import SigmaRegularExpressionError
from sigma.types import SigmaRegularExpression, SigmaRegularExpressionFlag

_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: hyperscan.HS_FLAG_CASELESS,
    SigmaRegularExpressionFlag.MULTILINE: hyperscan.HS_FLAG_MULTILINE,
    SigmaRegularExpressionFlag.DOTALL: hyperscan.HS_FLAG_DOTALL,
}
_ALWAYS = (
    hyperscan.HS_FLAG_UTF8
    | hyperscan.HS_FLAG_UCP
    | hyperscan.HS_FLAG_ALLOWEMPTY
    | hyperscan.HS_FLAG_SINGLEMATCH
)


def regular_expression(expression: SigmaRegularExpression) -> Callable[[str], bool]:
    """The test whether the expression is found anywhere in a text, case-sensitive unless `|i`.

    Raises SigmaRegularExpressionError for what the specification leaves out.
    """
    source, flags = expression.regexp.to_plain(regex=True), _ALWAYS
    for flag in expression.flags:
        flags |= _FLAGS[flag]
    database = hyperscan.Database()
    try:
        database.compile(expressions=[source.encode()], flags=[flags])
    except hyperscan.error as error:
        raise SigmaRegularExpressionError(f"the regular expression {source!r}: {error}") from None
    # A database's scratch space serves one scan at a time.
    lock = threading.Lock()

    def found(text: str) -> bool:
        places: list[int] = []
        with lock:
            database.scan(
                text.encode("utf-8", "replace"),
                match_event_handler=lambda _, __, end, ___, ____: places.append(end),
            )
        return bool(places)

    return found
