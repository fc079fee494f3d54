from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.account import Account, running
from tests.remediation.rows.cases import ORGANIZATION


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running(organization_id=ORGANIZATION) as made:
        yield made
