"""The DDL: one table a trail, and a place for every member that an event is made of."""

from __future__ import annotations

import pytest

from bot.evidence.athena.columns import COLUMNS
from bot.evidence.athena.query import Place
from bot.evidence.athena.table import Table
from bot.evidence.events import _Record


def test_two_trails_have_two_tables() -> None:
    one, other = Table("s3://logs/AWSLogs/"), Table("s3://logs/AWSLogs/o-abc/")
    assert one.name != other.name
    assert one.name == Table("s3://logs/AWSLogs/").name
    assert one.name in one.create
    assert (
        "'storage.location.template' = 's3://logs/AWSLogs/${account}/CloudTrail/${region}/${day}'"
        in one.create
    )


def test_every_member_that_an_event_is_made_of_has_a_column() -> None:
    assert set(_Record.__annotations__) <= {column.path[0] for column in COLUMNS}
    assert {"sourceIdentity", "ec2RoleDelivery"} <= {column.path[-1] for column in COLUMNS}


@pytest.mark.parametrize(
    "location",
    [
        "s3://logs/AWSLogs",
        "s3://lo'gs/x/",
        "s3://logs/a' b/",
        "https://logs/x/",
        "s3://logs/${x}/",
        "s3://logs/x\n/",
    ],
)
def test_a_place_that_could_end_a_literal_is_none(location: str) -> None:
    with pytest.raises(ValueError, match="cannot be the place"):
        Table(location)


def test_a_database_is_a_plain_name() -> None:
    with pytest.raises(ValueError, match="cannot be an Athena database"):
        Table("s3://logs/AWSLogs/", 'x"; DROP')


@pytest.mark.parametrize(
    ("account", "regions"),
    [
        ("1", ("us-east-1",)),
        ("111122223333", ()),
        ("111122223333", ("us-east-1' OR 1=1",)),
        ("111122223333\n", ("us-east-1",)),
    ],
)
def test_partitions_are_accounts_and_regions_only(account: str, regions: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="is no account"):
        Place(Table("s3://logs/AWSLogs/"), account, regions)
