"""How the fake says no."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refusal in Slack's own error code, such as ``channel_not_found``.

    Attributes:
        code: the value of ``error`` in the answer.
        details: further properties of the answer, such as ``needed`` and ``provided``.
        status: the HTTP status; Slack answers 200 for everything but rate limits and outages.
    """

    def __init__(self, code: str, *, status: int = 200, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.details = details

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.details}


def invalid(code: str, issues: list[str]) -> SlackError:
    """The refusal of blocks or of a view, with every issue and its JSON pointer."""
    messages = {"messages": [f"[ERROR] {issue}" for issue in issues]}
    return SlackError(code, errors=issues, response_metadata=messages)
