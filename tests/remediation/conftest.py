from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.aws.iam import passwords
from tests.aws.account import Account, running
from tests.remediation.rows.cases import ORGANIZATION


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running(organization_id=ORGANIZATION) as made:
        yield made


@pytest.fixture(autouse=True)
def settled_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that a test makes is not new to IAM; the tests of that say so."""
    monkeypatch.setattr(passwords, "BUSY", 0.0)
