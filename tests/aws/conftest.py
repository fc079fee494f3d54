from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.account import Account, running


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        yield made
