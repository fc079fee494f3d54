"""Whether Athena or the files, decided by the logs' size; and an investigation that goes through Athena."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from bot.aws.access import AwsAccess
from bot.config import AccountSettings, Settings
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.athena import AthenaTrail
from bot.evidence.sources.trail_prefix import TrailPrefix
from bot.evidence.wanted import Wanted
from bot.incidents import evidence_sentences as sentences
from bot.incidents.athena import cheapest, make_table, table_of, workgroup_of
from bot.incidents.evidence_sources import trail_files_of
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.world import World
from tests.aws.account import LOOKUPS, Account, policy_text
from tests.aws.watched import without

WORKGROUP, RESULTS = "incidents", "acme-athena-results"


class House:
    """The sandbox's account after the attack, with a workgroup, and the bot's way into it."""

    def __init__(self, aws: FakeAws, world: World, cache: Path) -> None:
        self.aws, self.world, self._cache = aws, world, cache
        now = datetime.now(UTC)
        self.window = (now - timedelta(hours=3), now + timedelta(minutes=1))
        self.account = AccountSettings(
            account_id=world.account_id,
            regions=(world.region,),
            evidence_role=world.evidence_role_arn,
            remediation_role=world.remediation_role_arn,
            external_id=world.external_id,
            trail_logs=f"s3://{world.trail_bucket}",
        )
        self.reader = AwsAccess(self.settings()).reader(world.account_id)

    def settings(self, **more: Any) -> Settings:
        return Settings(
            _env_file=None,
            accounts=(self.account,),
            athena_workgroup=WORKGROUP,
            lookups_per_second=LOOKUPS,
            **more,
        )

    def files(self) -> TrailPrefix:
        bucket = type("Affected", (), {"bucket": self.world.bucket, "region": self.world.region})()
        found = trail_files_of(self.reader, self.account, bucket, self.window, self._cache, print)
        assert found
        return found

    def athena(self) -> AthenaTrail:
        """The trail through Athena, which waits for nothing."""
        source = cheapest(self.reader, self.settings(athena_above=0), self.account, self.files()).source
        assert isinstance(source, AthenaTrail)
        source.sleep = lambda _: None
        return source

    def asked(self, source: TrailPrefix | AthenaTrail, matches: Path | None = None) -> Investigation:
        own = frozenset({self.world.evidence_role_arn, self.world.remediation_role_arn})
        question = Question(
            bucket=self.world.bucket,
            account_id=self.world.account_id,
            window=self.window,
            own_principals=own,
        )
        return investigate(question, [source], matches=matches)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    aws = FakeAws(delivery_seconds=0, lookups_per_second=LOOKUPS)
    aws.start()
    try:
        world = scenario("leaked-key").build(aws)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
            patch.setenv("AWS_ACCESS_KEY_ID", world.bot_access_key_id)
            patch.setenv("AWS_SECRET_ACCESS_KEY", world.bot_secret_access_key)
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            patch.setenv("AWS_CONFIG_FILE", "/dev/null")
            _prepare(aws, world)
            aws.deliver()
            made = House(aws, world, tmp_path_factory.mktemp("cache"))
            settings = made.settings()
            workgroup = workgroup_of(made.reader, settings, made.account)
            assert cheapest(made.reader, made.settings(athena_above=0), made.account, made.files()).says == (
                sentences.athena_has_no_table(_size(made), world.account_id)
            )
            for _ in range(2):  # making it again does no harm
                make_table(workgroup, table_of(settings, made.account))
            yield made
    finally:
        aws.stop()


def _prepare(aws: FakeAws, world: World) -> None:
    """By the account's root: a workgroup, a bucket for results, and permissions for the evidence role."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=aws.endpoint,
            region_name=world.region,
            aws_access_key_id=aws.root_access_key_id,
            aws_secret_access_key=aws.root_secret_access_key,
        )

    client("s3").create_bucket(Bucket=RESULTS)
    place = {"ResultConfiguration": {"OutputLocation": f"s3://{RESULTS}/"}}
    client("athena").create_work_group(Name=WORKGROUP, Configuration=place)
    client("iam").put_role_policy(
        RoleName=world.evidence_role_arn.rpartition("/")[2],
        PolicyName="athena",
        PolicyDocument=policy_text(["athena:*", "glue:*", "s3:PutObject"]),
    )


def _size(house: House) -> int:
    """Athena reads whole days: those of the window and the day after."""
    prefixes = house.files().prefixes
    start, end = house.window[0].date(), house.window[1].date() + timedelta(days=1)
    days = {f"{start + timedelta(days=number):%Y/%m/%d}" for number in range((end - start).days + 1)}
    objects = house.files().objects
    return sum(
        size for prefix in prefixes for day in days for _, size, _ in objects.entries(f"{prefix}{day}/")
    )


def test_small_logs_are_read_file_by_file(house: House) -> None:
    files = house.files()
    choice = cheapest(house.reader, house.settings(), house.account, files)
    assert (choice.source, choice.says) == (files, "")


def test_without_a_workgroup_athena_is_not_asked(house: House) -> None:
    files = house.files()
    settings = house.settings(athena_above=0).model_copy(update={"athena_workgroup": None})
    before = house.aws.recent()[-1].seq
    assert cheapest(house.reader, settings, house.account, files).source is files
    assert [call for call in house.aws.recent(before) if call.event_name.startswith("GetTable")] == []


def test_large_logs_go_through_athena_and_the_price_is_told_first(house: House) -> None:
    size = _size(house)
    settings = house.settings(athena_above=size - 1, athena_dollars_per_tb=1000.0)
    choice = cheapest(house.reader, settings, house.account, house.files())
    assert isinstance(choice.source, AthenaTrail)
    queries = choice.source.cost(Wanted()).calls
    assert choice.says == sentences.athena_reads(size, queries, 0.01 * queries)
    assert "queries for about $0.0" in choice.says
    edge = house.settings(athena_above=size)
    assert isinstance(cheapest(house.reader, edge, house.account, house.files()).source, TrailPrefix)


def test_what_athena_refuses_is_said_and_the_files_are_read(house: House) -> None:
    root = _root(house)
    with without(root, "athena:GetTableMetadata"):
        choice = cheapest(house.reader, house.settings(athena_above=0), house.account, house.files())
    assert isinstance(choice.source, TrailPrefix)
    assert choice.says.startswith("Athena cannot be used: AWS refused athena:get_table_metadata")


def _root(house: House) -> Account:
    return Account(house.aws, house.settings(), AwsAccess(house.settings()))


def test_the_answers_are_those_of_the_files(house: House) -> None:
    by_athena, by_files = house.asked(house.athena()), house.asked(house.files())
    assert {actor.principal for actor in by_athena.suspects} == {
        f"arn:aws:iam::{house.world.account_id}:user/{house.world.attacker_user}",
        "anonymous",
    }
    assert _told(by_athena) == _told(by_files)
    assert by_athena.coverage == by_files.coverage
    assert [source.problems for source in by_athena.sources] == [()]
    assert by_athena.sources[0].note.startswith("read through Athena: records are made anew")


def test_a_busy_athena_costs_time_and_nothing_else(house: House) -> None:
    house.aws.faults.throttle("athena", "StartQueryExecution", times=3)
    try:
        found = house.asked(house.athena())
    finally:
        house.aws.faults.clear()
    assert found.lost is None
    assert _told(found) == _told(house.asked(house.files()))


@pytest.mark.parametrize("operation", ["StartQueryExecution", "GetQueryResults"])
def test_days_that_athena_could_not_search_are_missing_and_said_so_and_are_read_the_next_time(
    house: House, tmp_path: Path, operation: str
) -> None:
    """Nothing is lost for good, nothing counted twice, and nothing is called absent meanwhile."""
    house.aws.faults.fail("athena", operation, times=10_000, status=400)
    try:
        broken = house.asked(house.athena(), tmp_path / "found")
    finally:
        house.aws.faults.clear()
    (source,) = broken.sources
    assert not source.complete
    assert "days could not be read" in source.note
    assert all("was not read: " in problem for problem in source.problems)
    assert broken.lost is not None
    assert "through Athena" in broken.lost
    assert "no" not in {answer.answer for answer in broken.answers}
    assert any("What lost files held" in gap for gap in broken.unknown)
    assert not broken.suspects

    again = house.asked(house.athena(), tmp_path / "found")
    assert again.lost is None
    assert _told(again) == _told(house.asked(house.files()))


def _told(result: Investigation) -> dict[str, Any]:
    """All but what tells how it was read; Athena reads whole days, so it looks through more."""
    told = json.loads(result.model_dump_json(exclude={"sources", "totals", "window"}))
    return dict(told)
