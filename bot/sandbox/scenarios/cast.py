"""Who plays: from where, with which client, with whose credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account
from bot.sandbox.scenarios.player import Credentials, Part, Player, Stage
from bot.sandbox.scenarios.world import KeyPair

# Addresses of RFC 5737: nobody's. The payroll services sit in a private network.
FOREIGN, FOREIGN_SECOND, FOREIGN_ANONYMOUS = "203.0.113.66", "203.0.113.91", "192.0.2.180"
OFFICE, CI = "198.51.100.20", "198.51.100.77"

AWS_CLI = "aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0-kali md/arch#x86_64 lang/python#3.13.7"
BOTO3 = "Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.12.6"
CURL = "curl/8.14.1"
CI_CLI = "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-1030-azure md/arch#x86_64 lang/python#3.13.4"
SERVICE = "Boto3/1.40.12 md/Botocore#1.40.12 ua/2.1 os/linux#6.1.141 md/arch#aarch64 lang/python#3.11.13"
OFFICE_CLI = "aws-cli/2.30.1 md/awscrt#0.27.4 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7"

ATTACKER = Part("attacker", "attacker", FOREIGN, AWS_CLI)
ATTACKER_SCRIPT = Part("attacker", "attacker", FOREIGN, BOTO3)
ATTACKER_SECOND = Part("attacker (second key)", "attacker", FOREIGN_SECOND, BOTO3)
ANONYMOUS = Part("anonymous reader", "anonymous", FOREIGN_ANONYMOUS, CURL)
PIPELINE = Part("ci pipeline", "operator", CI, CI_CLI)
APP = Part(account.APP, "innocent", "10.20.1.15", SERVICE)
REPORTS = Part(account.REPORTS, "innocent", "10.20.1.28", SERVICE)
MARIA = Part(account.OPERATOR, "operator", OFFICE, OFFICE_CLI)


class Cast:
    """Makes the players of one account."""

    def __init__(self, aws: FakeAws, keys: Mapping[str, KeyPair], stage: Stage | None = None) -> None:
        self._aws = aws
        self._stage = stage or Stage(aws.endpoint, aws.region)
        self._keys = keys

    def root(self) -> Player:
        """Builds the stage; leaves no trace in CloudTrail."""
        credentials = Credentials(self._aws.root_access_key_id, self._aws.root_secret_access_key)
        return Player(self._stage, Part("", "", "198.51.100.1", SERVICE), lambda: credentials, recorded=False)

    def user(self, part: Part, name: str) -> Player:
        """A player with a user's key; the key may still have to be made in the course of the story."""

        def issue() -> Credentials:
            key = self._keys[name]
            return Credentials(key.access_key_id, key.secret_access_key)

        return Player(self._stage, part, issue)

    def instance(self, part: Part, role: str, instance_id: str) -> Player:
        """A program on an EC2 instance; it asks the metadata service again when its session has run out."""

        def fetch() -> Credentials:
            session = self._aws.instance_credentials(role, instance_id, worker.at)
            return Credentials(session.access_key_id, session.secret_access_key, session.token)

        worker = Player(self._stage, part, fetch)
        return worker

    def with_credentials(self, part: Part, credentials: Callable[[], Credentials]) -> Player:
        """A player with whatever credentials the story has put into its hands."""
        return Player(self._stage, part, credentials)

    def anonymous(self, part: Part) -> Player:
        return Player(self._stage, part, None)

    def service(self, part: Part) -> Player:
        """A workload: it assumes the role of its name, anew whenever its session has run out."""
        runner = self.user(part, account.RUNNER)
        role = f"arn:aws:iam::{self._aws.account_id}:role/{part.name}"

        def assume() -> Credentials:
            runner.at = worker.at
            given = runner.do("sts", "assume_role", RoleArn=role, RoleSessionName=f"{part.name}-6f9c4")
            issued = given["Credentials"]
            return Credentials(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])

        worker = Player(self._stage, part, assume)
        return worker
