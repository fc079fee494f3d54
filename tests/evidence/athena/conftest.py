from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.account import Account, running
from tests.evidence.athena.stage import let_query


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        let_query(made)
        yield made
