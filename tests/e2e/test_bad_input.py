"""Wrong, late and hostile input: each gets a clear sentence, and nothing is lost."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import boto3
import pytest

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.records import Message
from tests.e2e.bot_process import BotProcess
from tests.e2e.steps import card, opened, proposal, until


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    found = Sandbox(lookups_per_second=100)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module", autouse=True)
def running(world: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    folder = tmp_path_factory.mktemp("bot")
    process = BotProcess(world.environment(folder), folder).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def channel(world: Sandbox) -> str:
    """The channel of an incident about acme-payroll, in which changes are proposed."""
    with_garbage(world)
    return opened(world)


@pytest.fixture
def dana(world: Sandbox) -> Person:
    return world.slack.person("dana")


@pytest.fixture
def sam(world: Sandbox) -> Person:
    return world.slack.person("sam")


def root(world: Sandbox, service: str) -> object:
    return boto3.client(
        service,
        endpoint_url=world.aws.endpoint,
        region_name=world.world.region,
        aws_access_key_id=world.aws.root_access_key_id,
        aws_secret_access_key=world.aws.root_secret_access_key,
    )


def with_garbage(world: Sandbox) -> None:
    """Puts a cut-off file and a file that is no log among the trail's files of today."""
    s3 = root(world, "s3")
    listed = s3.list_objects_v2(Bucket=world.world.trail_bucket)["Contents"]
    folder = max(one["Key"] for one in listed if "/CloudTrail/" in one["Key"]).rpartition("/")[0]
    whole = gzip.compress(json.dumps({"Records": []}).encode() * 500)
    s3.put_object(Bucket=world.world.trail_bucket, Key=f"{folder}/cut-off.json.gz", Body=whole[:40])


def sentence(person: Person, channel: str, *said: str) -> str:
    """What only this person sees, or the channel says, once it contains all of these."""

    def look() -> str | None:
        for message in reversed(person.see(channel)):
            text = f"{message.text}\n{words(message.blocks or [])}"
            if all(one.lower() in text.lower() for one in said):
                return text
        return None

    return until(look, f"a sentence with {said}")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("open acme..payroll", "bucket"),
        ("open acme-payroll sev9", "sev"),
        ("opne acme-payroll", "no command"),
        ("note", "incident"),
        ("close", "incident"),
        ("audit 999988887777", "999988887777"),
    ],
)
def test_every_wrong_command_is_answered_with_what_to_do(dana: Person, command: str, says: str) -> None:
    reply = dana.command("security", f"/s3incident {command}")
    assert reply.error is None
    assert says in reply.text.lower()


def test_a_second_open_points_to_the_first(dana: Person, channel: str) -> None:
    reply = dana.command("security", "/s3incident open acme-payroll sev1 again")
    assert "inc-0001" in reply.text
    assert [name for name in dana.channels() if name.startswith("inc-")] == [channel]


def test_a_damaged_log_file_is_named_and_the_rest_is_read(dana: Person, sam: Person, channel: str) -> None:
    proposal(sam, channel, "Deny everything to ci-deploy")
    evidence = until(lambda: card(sam, channel, "Evidence", "suspects"), "the evidence card")
    thread = [one for one in sam.see(channel) if one.thread_ts == evidence.ts]
    said = "\n".join(words(one.blocks or []) + one.text for one in [evidence, *thread])
    assert "cut-off.json.gz" in said


def test_a_guest_and_somebody_who_is_no_approver_cannot_approve(
    world: Sandbox, dana: Person, sam: Person, channel: str
) -> None:
    message = proposal(sam, channel, "Deny everything to ci-deploy")
    sam.command(channel, "/invite @gil")
    for name, because in (("gil", "Guests of this workspace cannot decide"), ("dana", "not an approver")):
        person = world.slack.person(name)
        person.click(message, "Approve")
        assert sentence(person, channel, because)
    still = card(sam, channel, "Change: Deny everything to ci-deploy")
    assert still is not None
    assert "Waiting for approval" in words(still.blocks)


def test_a_policy_that_changed_after_the_proposal_is_not_overwritten(
    world: Sandbox, sam: Person, channel: str
) -> None:
    message = proposal(sam, channel, "Remove the public statements")
    s3 = root(world, "s3")
    policy = json.loads(s3.get_bucket_policy(Bucket="acme-payroll")["Policy"])
    policy["Statement"].append(
        {
            "Sid": "AddedMeanwhile",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{world.world.account_id}:role/payroll-app"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-payroll/*",
        }
    )
    s3.put_bucket_policy(Bucket="acme-payroll", Policy=json.dumps(policy))
    sam.click(message, "Approve")
    stale = until(lambda: edited(sam, message, "Plan again"), "the stale card")
    assert json.loads(s3.get_bucket_policy(Bucket="acme-payroll")["Policy"]) == policy
    sam.click(stale, "Plan again")
    _approve_the_new_one(world, message)
    kept = json.loads(s3.get_bucket_policy(Bucket="acme-payroll")["Policy"])
    assert [one.get("Sid") for one in kept["Statement"]][-1] == "AddedMeanwhile"
    assert "PartnerSync" not in json.dumps(kept)


def edited(person: Person, message: Message, said: str) -> Message | None:
    """The same message, once it says this."""
    shown = (one for one in person.see(message.channel) if one.ts == message.ts)
    return next((one for one in shown if said in words(one.blocks or [])), None)


def _approve_the_new_one(world: Sandbox, old: Message) -> None:
    """The plan made anew was asked for by Sam, so Ana approves it."""
    ana = world.slack.person("ana")
    name = next(one for one in ana.channels() if one.startswith("inc-"))

    def fresh() -> Message | None:
        found = card(ana, name, "Change: Remove the public statements", "Waiting for approval")
        return found if found and found.ts != old.ts else None

    ana.click(until(fresh, "the fresh plan"), "Approve")
    until(lambda: card(ana, name, "Remove the public statements", "verified"), "the change of the fresh plan")


def test_a_click_on_a_button_that_is_no_longer_true_is_answered(sam: Person, channel: str) -> None:
    message = proposal(sam, channel, "Deny everything to ci-deploy")
    sam.click(message, "Approve")
    until(lambda: card(sam, channel, "Deny everything to ci-deploy", "verified"), "the change")
    sam.click(message, "Approve", late=True)
    assert sentence(sam, channel, "too late", "already carried out")


def test_a_bucket_that_does_not_exist_is_said_first_and_the_incident_stays(dana: Person) -> None:
    dana.command("security", "/s3incident open acme-no-such-bucket sev3")
    name = until(lambda: next((one for one in dana.channels() if "no-such" in one), None), "its channel")
    assert sentence(dana, name, "acme-no-such-bucket", "not")
    assert "inc-0002" in sentence(dana, name, "inc-0002")
