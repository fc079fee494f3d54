"""The account that the scenario plays in: buckets, people, roles, a trail, and the bot's own roles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from bot.sandbox.scenarios import files, policies, stack
from bot.sandbox.scenarios.player import Player
from bot.sandbox.scenarios.world import KeyPair

BUCKET = "acme-payroll"
TRAIL, TRAIL_BUCKET = "acme-trail", "acme-trail-logs"
WEBSITE, ARCHIVE, PARTNER = "acme-website", "acme-archive", "acme-partner-exchange"
ACCESS_LOGS = "acme-access-logs"
PARTNER_ACCOUNT = "444455556666"

ATTACKED_USER, OPERATOR, RUNNER, BOT = "ci-deploy", "maria.ops", "payroll-runner", "s3incident"
APP, REPORTS, BREAK_GLASS = "payroll-app", "payroll-reports", "break-glass"
EVIDENCE, REMEDIATE = "S3IncidentEvidence", "S3IncidentRemediate"
EXTERNAL_ID = "s3incident-sandbox"


class Account:
    """Builds the account by real calls of its root, long before the story begins."""

    def __init__(self, root: Player, account_id: str, region: str, now: datetime) -> None:
        self._root = root
        self._id = account_id
        self._region = region
        self._now = now
        self.keys: dict[str, KeyPair] = {}

    def build(self, chance: Random) -> None:
        """Everything, in the order in which AWS needs it."""
        self._root.at = self._now - timedelta(days=400)
        self._people()
        self._roles()
        self._logs()
        self._watched()
        self._payroll(chance)
        self._other_buckets()

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self._id}:role/{name}"

    def _user_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self._id}:user/{name}"

    # -- people and roles ------------------------------------------------------------------------------

    def _people(self) -> None:
        self.add_user(ATTACKED_USER, self._ci_policy(), "ci-deploy")
        self.add_user(RUNNER, self._may_assume(APP, REPORTS), "assume-payroll-roles")
        self.add_user(
            BOT, policies.bot_base(self.role_arn(EVIDENCE), self.role_arn(REMEDIATE)), "assume-bot-roles"
        )
        self.add_user(OPERATOR)
        self._root.do("iam", "create_group", GroupName="operators")
        reading = policies.document(
            policies.allow(["s3:Get*", "s3:List*", "iam:Get*", "iam:List*", "cloudtrail:Get*"])
        )
        self._root.do(
            "iam", "put_group_policy", GroupName="operators", PolicyName="look-around", PolicyDocument=reading
        )
        self._root.do("iam", "add_user_to_group", GroupName="operators", UserName=OPERATOR)

    def add_user(self, name: str, policy: str | None = None, policy_name: str = "") -> None:
        """A user with a key, kept in `keys`, and an inline policy."""
        self._root.do("iam", "create_user", UserName=name)
        key = self._root.do("iam", "create_access_key", UserName=name)["AccessKey"]
        self.keys[name] = KeyPair(key["AccessKeyId"], key["SecretAccessKey"])
        if policy:
            self._root.do(
                "iam", "put_user_policy", UserName=name, PolicyName=policy_name, PolicyDocument=policy
            )

    def _ci_policy(self) -> str:
        # The mistake that the attack lives on: a pipeline that may write its own policy.
        return policies.document(
            policies.allow(["s3:PutObject", "s3:GetObject", "s3:ListBucket"], policies.objects(WEBSITE)),
            policies.allow(["iam:GetUser", "iam:PutUserPolicy"], [self._user_arn(ATTACKED_USER)]),
        )

    def _may_assume(self, *roles: str) -> str:
        return policies.document(policies.allow(["sts:AssumeRole"], [self.role_arn(role) for role in roles]))

    def _roles(self) -> None:
        runner, bot = self._user_arn(RUNNER), self._user_arn(BOT)
        read = policies.allow(["s3:GetObject", "s3:ListBucket"], policies.objects(BUCKET))
        write = policies.allow(["s3:PutObject"], [f"arn:aws:s3:::{BUCKET}/*"])
        self.add_role(APP, policies.trust(runner), policies.document(read, write))
        self.add_role(REPORTS, policies.trust(runner), policies.document(read))
        self._deploy_bot(bot)
        self.add_role(BREAK_GLASS, policies.trust(f"arn:aws:iam::{self._id}:root"))
        arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        self._root.do("iam", "attach_role_policy", RoleName=BREAK_GLASS, PolicyArn=arn)

    def _deploy_bot(self, bot: str) -> None:
        parameters = {
            "BaseIdentityArn": bot,
            "ExternalId": EXTERNAL_ID,
            "ReadableObjects": f"arn:aws:s3:::{TRAIL_BUCKET}/*",
            "BreakGlassArns": self.role_arn(BREAK_GLASS),
        }
        stack.deploy(self._root, self._id, parameters)

    def add_role(self, name: str, trust: str, policy: str | None = None) -> None:
        """A role with an inline policy of its own name."""
        self._root.do("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust)
        if policy:
            self._root.do("iam", "put_role_policy", RoleName=name, PolicyName=name, PolicyDocument=policy)

    # -- buckets and logs ------------------------------------------------------------------------------

    def _logs(self) -> None:
        arn = f"arn:aws:cloudtrail:{self._region}:{self._id}:trail/{TRAIL}"
        self._bucket(TRAIL_BUCKET, policies.trail_bucket(TRAIL_BUCKET, self._id, arn))
        self._bucket(ACCESS_LOGS, policies.access_log_bucket(ACCESS_LOGS, self._id))
        self._root.do(
            "cloudtrail", "create_trail", Name=TRAIL, S3BucketName=TRAIL_BUCKET, IsMultiRegionTrail=True
        )
        selector = {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/"]}],
        }
        self._root.do("cloudtrail", "put_event_selectors", TrailName=TRAIL, EventSelectors=[selector])
        self._root.do("cloudtrail", "start_logging", Name=TRAIL)

    def _watched(self) -> None:
        """Config records and Access Analyzer looks; GuardDuty is off, as in many an account."""
        role = self.role_arn("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
        recorder = {"name": "default", "roleARN": role}
        channel = {"name": "default", "s3BucketName": ACCESS_LOGS}
        self._root.do("config", "put_configuration_recorder", ConfigurationRecorder=recorder)
        self._root.do("config", "put_delivery_channel", DeliveryChannel=channel)
        self._root.do("config", "start_configuration_recorder", ConfigurationRecorderName="default")
        self._root.do("accessanalyzer", "create_analyzer", analyzerName="acme-account", type="ACCOUNT")

    def _payroll(self, chance: Random) -> None:
        self._bucket(BUCKET, policies.document(policies.tls_only(BUCKET)))
        self._objects(BUCKET, files.payroll(chance).items(), spread=timedelta(days=300))

    def _other_buckets(self) -> None:
        self._bucket(WEBSITE, policies.website(WEBSITE, self._id))
        self._objects(WEBSITE, files.website().items(), spread=timedelta(days=30))
        self._bucket(PARTNER, policies.partner_exchange(PARTNER, PARTNER_ACCOUNT))
        self._bucket(ARCHIVE, policies.document(policies.tls_only(ARCHIVE)))
        self._well_kept(ARCHIVE)

    def _well_kept(self, bucket: str) -> None:
        """Versioning with MFA Delete (only the root can), and server access logging."""
        mfa = f"arn:aws:iam::{self._id}:mfa/root 123456"
        settings = {"Status": "Enabled", "MFADelete": "Enabled"}
        self._root.do("s3", "put_bucket_versioning", Bucket=bucket, VersioningConfiguration=settings, MFA=mfa)
        target = {"LoggingEnabled": {"TargetBucket": ACCESS_LOGS, "TargetPrefix": f"{bucket}/"}}
        self._root.do("s3", "put_bucket_logging", Bucket=bucket, BucketLoggingStatus=target)

    def _bucket(self, name: str, policy: str) -> None:
        self._root.do("s3", "create_bucket", Bucket=name)
        self._root.do("s3", "put_bucket_policy", Bucket=name, Policy=policy)

    def _objects(self, bucket: str, contents: Iterable[tuple[str, bytes]], spread: timedelta) -> None:
        contents = list(contents)
        for number, (key, body) in enumerate(contents):
            self._root.at = self._now - spread + spread * number / (len(contents) + 1)
            self._root.do("s3", "put_object", Bucket=bucket, Key=key, Body=body)
