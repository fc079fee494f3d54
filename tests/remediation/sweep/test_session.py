"""A sweep outlasts its session: a new one is opened in time, and after AWS says that the old one ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer
from bot.remediation.sweep.session import RENEW_AFTER, Renewed


class Session:
    def __init__(self, number: int) -> None:
        self.number, self.code = number, ""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        assert params == {}
        if self.code:
            raise AwsRefused(service, operation, self.code, "no", region, 400)
        return Answer({"by": self.number}, "REQ")


def test_it_is_opened_when_first_needed_and_again_in_time() -> None:
    opened: list[Session] = []
    now = [0.0]

    def open_session() -> Session:
        opened.append(Session(len(opened)))
        return opened[-1]

    actor = Renewed(open_session, clock=lambda: now[0])
    assert opened == []
    assert [actor.call("s3", "copy_object", {}).data["by"] for _ in range(2)] == [0, 0]
    now[0] = RENEW_AFTER
    assert actor.call("s3", "copy_object", {}).data["by"] == 1
    opened[1].code = "ExpiredToken"
    assert actor.call("s3", "copy_object", {}).data["by"] == 2
    opened[2].code = "AccessDenied"
    with pytest.raises(AwsRefused, match="AccessDenied"):
        actor.call("s3", "copy_object", {})
    assert len(opened) == 3
