"""Rules that one record decides: D rows of the catalogue, and persistence and evasion rows E14 and E23.

Each rule says what it means (`title`), how bad it is, and how much it says about the principal: `decides`
makes the principal a suspect by itself, `adds` needs another kind of sign beside it, `tells` is worth
reading and no sign. Kinds keep several records of one sort (three IAM changes of an administrator) from
adding up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.evidence import names
from bot.evidence.detections import rule_tests as holds
from bot.evidence.detections.rule_tests import Scene
from bot.evidence.events import Event
from bot.evidence.report import Severity

Weight = Literal["decides", "adds", "tells"]
Kind = Literal[
    "origin", "recon", "escalation", "persistence", "exposure", "evasion", "taking", "destruction", "context"
]


Test = Callable[[Event, Scene], bool]


@dataclass(frozen=True)
class Rule:
    """One rule; `names` are the plain event names it looks at (empty: all), `test` what must hold."""

    id: str
    kind: Kind
    severity: Severity
    weight: Weight
    title: str
    mitre: tuple[str, ...]
    names: frozenset[str]
    test: Test


def _rule(
    rule: str,
    kind: Kind,
    severity: Severity,
    weight: Weight,
    title: str,
    mitre: str,
    event_names: str,
    test: Test = holds.always,
) -> Rule:
    return Rule(
        rule, kind, severity, weight, title, tuple(mitre.split()), frozenset(event_names.split()), test
    )


_WRITES = " ".join(sorted(names.DATA_WRITES))
_POLICIES = "PutBucketPolicy PutBucketAcl PutAccessPointPolicy PutMultiRegionAccessPointPolicy"
_TRUST = "UpdateAssumeRolePolicy CreateRole"

RULES: tuple[Rule, ...] = (
    # Who can reach the bucket
    _rule("D6", "exposure", "critical", "decides", "The bucket was opened to everybody", "T1530 T1562",
          f"{_POLICIES} PutObjectAcl", holds.public_here),
    _rule("D6", "exposure", "high", "adds", "Another bucket was opened to everybody", "T1530", _POLICIES,
          holds.public_elsewhere),
    _rule("D5", "exposure", "high", "decides", "A policy lets in another AWS account", "T1537", _POLICIES,
          holds.foreign_policy),
    _rule("D7", "exposure", "high", "adds", "Block Public Access was removed or weakened", "T1562.001",
          "DeleteBucketPublicAccessBlock PutBucketPublicAccessBlock DeleteAccountPublicAccessBlock "
          "PutAccountPublicAccessBlock", holds.less_blocking),
    _rule("D4", "taking", "high", "adds", "Read without any credentials", "T1530",
          "GetObject SelectObjectContent", holds.anonymous_reads),
    _rule("D4", "recon", "medium", "tells", "Listed without any credentials", "T1619",
          "ListObjects ListObjectVersions", holds.anonymous_reads),
    _rule("E11", "taking", "high", "adds", "Read from another AWS account", "T1530",
          "GetObject CopyObject SelectObjectContent", holds.outsider_reads),
    _rule("E11", "destruction", "critical", "decides",
          "Written or deleted by someone outside the account", "T1565.001", _WRITES,
          holds.outsider_writes),
    # Ways out
    _rule("D11", "taking", "critical", "decides", "Replication sends the objects to another account",
          "T1537", "PutBucketReplication", holds.replicates_away),
    _rule("D12", "taking", "critical", "decides", "Objects were copied to a bucket of another account",
          "T1537", "CopyObject UploadPartCopy", holds.copies_away),
    # Destruction
    _rule("D12", "destruction", "critical", "decides",
          "Objects were encrypted with another account's KMS key", "T1486", "CopyObject PutObject",
          holds.foreign_kms),
    _rule("D12", "destruction", "high", "adds", "Objects were encrypted with a key only the caller has",
          "T1486", "CopyObject PutObject", holds.caller_key),
    _rule("D13", "destruction", "high", "adds", "Objects were re-encrypted in place", "T1486",
          "UpdateObjectEncryption", holds.here),
    _rule("D17", "destruction", "critical", "decides", "A ransom note was written", "T1486", "PutObject",
          holds.ransom_note),
    _rule("E20", "destruction", "high", "adds", "Object versions were deleted for good", "T1485",
          "DeleteObject", holds.permanent),
    _rule("D14", "destruction", "high", "adds", "Versioning or MFA Delete was switched off", "T1490",
          "PutBucketVersioning", holds.versioning_off),
    _rule("D14", "destruction", "medium", "adds", "A lifecycle rule deletes objects", "T1485.001",
          "PutBucketLifecycle", holds.expires),
    _rule("D16", "destruction", "medium", "adds", "A protection of a bucket was deleted", "T1490",
          "DeleteBucketPolicy DeleteBucketReplication DeleteBucketEncryption DeleteBucketLifecycle"),
    _rule("E21", "destruction", "high", "adds", "A KMS key was disabled or scheduled for deletion",
          "T1485", "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial"),
    # Not to be seen
    _rule("D19", "evasion", "critical", "decides", "CloudTrail was switched off", "T1562.008",
          "StopLogging DeleteTrail DeleteEventDataStore StopEventDataStoreIngestion"),
    _rule("D19", "evasion", "critical", "decides", "CloudTrail was told to record less", "T1562.008",
          "PutEventSelectors", holds.management_off),
    _rule("D19", "evasion", "high", "adds", "A trail's selectors leave management events out",
          "T1562.008", "PutEventSelectors", holds.records_less),
    _rule("D19", "evasion", "medium", "adds", "A trail was changed", "T1562.008", "UpdateTrail"),
    _rule("D15", "evasion", "high", "adds", "Access logging of a bucket was switched off", "T1562.008",
          "PutBucketLogging", holds.no_target),
    _rule("E23", "evasion", "high", "decides", "A detection service was switched off", "T1562.001",
          "DeleteDetector StopConfigurationRecorder DeleteConfigurationRecorder DeleteAnalyzer"),
    _rule("E23", "evasion", "high", "decides", "GuardDuty was switched off", "T1562.001",
          "UpdateDetector", holds.detector_off),
    _rule("E23", "evasion", "high", "adds", "GuardDuty was told to overlook something", "T1562.001",
          "CreateIPSet CreateFilter"),
    _rule("E23", "evasion", "high", "adds", "Network or DNS logs were deleted", "T1562.008",
          "DeleteFlowLogs DeleteResolverQueryLogConfig DeleteLogGroup"),
    _rule("E23", "evasion", "high", "adds", "The account was taken out of its organization", "T1562",
          "LeaveOrganization"),
    # To stay
    _rule("D21", "persistence", "high", "adds", "An access key was made for another user", "T1098.001",
          "CreateAccessKey", holds.for_another),
    _rule("D21", "persistence", "high", "adds", "The principal made itself another access key",
          "T1098.001", "CreateAccessKey", holds.for_oneself),
    _rule("D22", "persistence", "high", "adds", "A console password was set", "T1098",
          "CreateLoginProfile UpdateLoginProfile"),
    _rule("D23", "persistence", "high", "adds", "A role's trust lets in another account", "T1098 T1199",
          _TRUST, holds.trust_abroad),
    _rule("D23", "persistence", "medium", "adds", "A role's trust was changed", "T1098",
          "UpdateAssumeRolePolicy"),
    _rule("D23", "persistence", "medium", "adds", "A federation token was issued to a user", "T1550.001",
          "GetFederationToken"),
    _rule("E14", "persistence", "high", "adds", "Administrator rights were attached", "T1098.003",
          "AttachUserPolicy AttachRolePolicy AttachGroupPolicy", holds.administrator),
    _rule("E14", "persistence", "high", "adds", "A policy that allows everything was written",
          "T1098.003", "PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion",
          holds.everything),
    _rule("E14", "persistence", "medium", "adds", "A user was created", "T1136.003", "CreateUser"),
    _rule("E14", "persistence", "high", "adds", "An identity provider or trust anchor was created",
          "T1556", "CreateSAMLProvider UpdateSAMLProvider CreateOpenIDConnectProvider CreateTrustAnchor"),
    _rule("E14", "persistence", "medium", "adds", "Rights or credentials of a principal were changed",
          "T1098",
          "AddUserToGroup SetDefaultPolicyVersion CreateServiceSpecificCredential UploadSigningCertificate "
          "UploadSSHPublicKey CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice "
          "DeleteUserPermissionsBoundary"),
    _rule("E14", "persistence", "medium", "adds", "A function's code, layers or permissions were changed",
          "T1525 T1098", "UpdateFunctionCode UpdateFunctionConfiguration AddPermission"),
    _rule("D27", "context", "critical", "tells", "AWS quarantined a leaked key", "T1552.001",
          "AttachUserPolicy AttachRolePolicy", holds.quarantine),
    # What else was reached
    _rule("E13", "taking", "medium", "tells", "Secrets were read", "T1555.006 T1552",
          "GetSecretValue BatchGetSecretValue GetPasswordData GetParameter GetParameters "
          "GetParametersByPath"),
    _rule("E13", "taking", "high", "adds", "A disk image or database snapshot was shared", "T1537",
          "ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute", holds.shared),
    _rule("E13", "context", "medium", "tells", "Commands were run on instances", "T1651",
          "SendCommand StartSession SendSSHPublicKey SendSerialConsoleSSHPublicKey "
          "EnableSerialConsoleAccess"),
    _rule("E13", "context", "medium", "tells", "An instance's start-up script was replaced", "T1059",
          "ModifyInstanceAttribute", holds.user_data),
    _rule("E13", "context", "medium", "tells", "An instance's start-up script was read", "T1552.005",
          "DescribeInstanceAttribute", holds.user_data_read),
    _rule("E13", "context", "medium", "tells", "A port was opened to the Internet", "T1562.007",
          "AuthorizeSecurityGroupIngress", holds.open_to_all),
    _rule("E13", "context", "low", "tells", "Compute was started or paid models were called", "T1496",
          "RunInstances InvokeModel"),
    # With what, and as whom
    _rule("D18", "taking", "high", "tells", "A file that holds credentials was read", "T1552.001",
          "GetObject", holds.credential_file),
    _rule("D24", "origin", "high", "adds", "A client that attackers use", "T1078.004", "", holds.tool),
    _rule("D30", "origin", "high", "tells", "The root user was used", "T1078.004", "", holds.root),
    _rule("D30", "origin", "medium", "tells", "Signed in to the console without MFA", "T1078.004",
          "ConsoleLogin", holds.no_mfa),
)  # fmt: skip


def detect(event: Event, scene: Scene) -> Iterator[Rule]:
    """The rules that a record satisfies; of those with the same id and kind only the first, the strongest."""
    name, met = names.plain(event.name), set[tuple[str, str]]()
    for rule in RULES:
        if (rule.id, rule.kind) in met or (rule.names and name not in rule.names):
            continue
        if rule.test(event, scene):
            met.add((rule.id, rule.kind))
            yield rule
