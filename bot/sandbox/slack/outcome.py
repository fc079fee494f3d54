"""What a person sees happen at once after doing something."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.records import Json, Message


@dataclass(frozen=True)
class Outcome:
    """``error`` is Slack's sentence; ``errors`` are those under the inputs, by block id."""

    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: Message | None = None
    options: list[Json] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.error is None and not self.errors
