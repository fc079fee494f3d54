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
from bot.evidence.collect import touches
from bot.evidence.events import Event, many, mapping, text_or_none
from bot.evidence.giveaways import is_credential_file, is_ransom_note, is_suspicious_client
from bot.evidence.grants import acl_is_public, allows_everything, blocks_less, let_in_by_policy
from bot.evidence.report import Severity

Weight = Literal["decides", "adds", "tells"]
Kind = Literal[
    "origin", "recon", "escalation", "persistence", "exposure", "evasion", "taking", "destruction", "context"
]


@dataclass(frozen=True)
class Scene:
    """What a rule may know besides the record: the bucket asked about and its owner's account."""

    bucket: str
    owner: str | None


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


def _always(_: Event, __: Scene) -> bool:
    return True


def _rule(
    rule: str,
    kind: Kind,
    severity: Severity,
    weight: Weight,
    title: str,
    mitre: str,
    event_names: str,
    test: Test = _always,
) -> Rule:
    return Rule(
        rule, kind, severity, weight, title, tuple(mitre.split()), frozenset(event_names.split()), test
    )


def _here(event: Event, scene: Scene) -> bool:
    return touches(event, scene.bucket)


def _public_here(event: Event, scene: Scene) -> bool:
    return _here(event, scene) and _public(event, scene)


def _public(event: Event, scene: Scene) -> bool:
    return let_in_by_policy(event, scene.owner).public or acl_is_public(event)


def _public_elsewhere(event: Event, scene: Scene) -> bool:
    return not _here(event, scene) and _public(event, scene)


def _foreign_policy(event: Event, scene: Scene) -> bool:
    grants = let_in_by_policy(event, scene.owner)
    return bool(grants.accounts) and not grants.public


def _trust_abroad(event: Event, scene: Scene) -> bool:
    grants = let_in_by_policy(event, scene.owner)
    return grants.public or bool(grants.accounts)


def _less_blocking(event: Event, _: Scene) -> bool:
    return blocks_less(event)


def _for_another(event: Event, _: Scene) -> bool:
    user = text_or_none(event.parameters.get("userName"))
    return user is not None and user != event.who.user_name


def _for_oneself(event: Event, scene: Scene) -> bool:
    return not _for_another(event, scene)


def _administrator(event: Event, _: Scene) -> bool:
    attached = str(event.parameters.get("policyArn", ""))
    return attached.endswith(
        ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess", "/AmazonS3FullAccess")
    )


def _everything(event: Event, _: Scene) -> bool:
    return allows_everything(event)


def _quarantine(event: Event, _: Scene) -> bool:
    return "AWSCompromisedKeyQuarantine" in str(event.parameters.get("policyArn", ""))


def _versioning_off(event: Event, _: Scene) -> bool:
    wanted = mapping(event.parameters.get("VersioningConfiguration"))
    return (
        wanted.get("Status") == "Suspended" or wanted.get("MfaDelete", wanted.get("MFADelete")) == "Disabled"
    )


def _expires(event: Event, _: Scene) -> bool:
    rules = many(mapping(event.parameters.get("LifecycleConfiguration")).get("Rule"))
    return any({"Expiration", "NoncurrentVersionExpiration"} & set(mapping(rule)) for rule in rules)


def _no_target(event: Event, _: Scene) -> bool:
    status = mapping(event.parameters.get("BucketLoggingStatus"))
    return "LoggingEnabled" not in status


def _management_off(event: Event, _: Scene) -> bool:
    selectors = many(event.parameters.get("eventSelectors"))
    return any(mapping(one).get("includeManagementEvents") is False for one in selectors)


def _records_less(event: Event, _: Scene) -> bool:
    """Advanced selectors without management events, or selectors that the log left out as too large."""
    advanced = many(event.parameters.get("advancedEventSelectors"))
    if advanced:
        return "Management" not in str(advanced)
    return "eventSelectors" not in event.parameters


def _detector_off(event: Event, _: Scene) -> bool:
    return event.parameters.get("enable") is False


def _replicates_away(event: Event, scene: Scene) -> bool:
    rules = many(mapping(event.parameters.get("ReplicationConfiguration")).get("Rule"))
    targets = [mapping(mapping(rule).get("Destination")) for rule in rules]
    return any(text_or_none(target.get("Account")) not in (None, scene.owner) for target in targets)


def _copies_away(event: Event, scene: Scene) -> bool:
    source = str(event.parameters.get("x-amz-copy-source", "")).removeprefix("/").split("/")[0]
    foreign = {one.account for one in event.resources if one.account} - {scene.owner or ""}
    return source == scene.bucket and event.bucket != scene.bucket and bool(foreign)


def _caller_key(event: Event, _: Scene) -> bool:
    return "x-amz-server-side-encryption-customer-algorithm" in event.parameters


def _foreign_kms(event: Event, scene: Scene) -> bool:
    key = str(event.parameters.get("x-amz-server-side-encryption-aws-kms-key-id", ""))
    parts = key.split(":")
    return len(parts) > 5 and scene.owner is not None and parts[4] != scene.owner


def _permanent(event: Event, scene: Scene) -> bool:
    return _here(event, scene) and event.parameters.get("versionId") is not None


def _ransom_note(event: Event, scene: Scene) -> bool:
    return _here(event, scene) and is_ransom_note(event.key or "")


def _credential_file(event: Event, scene: Scene) -> bool:
    return _here(event, scene) and is_credential_file(event.key or "")


def _tool(event: Event, _: Scene) -> bool:
    return is_suspicious_client(event.user_agent)


def _outsider(event: Event, scene: Scene) -> bool:
    return not event.who.is_anonymous and event.who.account not in (None, scene.owner) and _here(event, scene)


def _outsider_writes(event: Event, scene: Scene) -> bool:
    return (
        (_outsider(event, scene) or event.who.is_anonymous)
        and scene.owner is not None
        and _here(event, scene)
    )


def _anonymous_reads(event: Event, scene: Scene) -> bool:
    return event.who.is_anonymous and _here(event, scene)


def _outsider_reads(event: Event, scene: Scene) -> bool:
    return scene.owner is not None and _outsider(event, scene)


def _no_mfa(event: Event, _: Scene) -> bool:
    return event.extra.get("MFAUsed") == "No" and str(event.response.get("ConsoleLogin")) == "Success"


def _root(event: Event, _: Scene) -> bool:
    return event.who.type == "Root" and not event.who.invoked_by


def _shared(event: Event, _: Scene) -> bool:
    return '"add"' in str(event.parameters).replace("'", '"') or "valuesToAdd" in event.parameters


def _user_data(event: Event, _: Scene) -> bool:
    return "userData" in event.parameters


def _user_data_read(event: Event, _: Scene) -> bool:
    return event.parameters.get("attribute") == "userData"


def _open_to_all(event: Event, _: Scene) -> bool:
    return "0.0.0.0/0" in str(event.parameters) or "::/0" in str(event.parameters)


_WRITES = " ".join(sorted(names.DATA_WRITES))
_POLICIES = "PutBucketPolicy PutBucketAcl PutAccessPointPolicy PutMultiRegionAccessPointPolicy"
_TRUST = "UpdateAssumeRolePolicy CreateRole"

RULES: tuple[Rule, ...] = (
    # Who can reach the bucket
    _rule("D6", "exposure", "critical", "decides", "The bucket was opened to everybody", "T1530 T1562",
          f"{_POLICIES} PutObjectAcl", _public_here),
    _rule("D6", "exposure", "high", "adds", "Another bucket was opened to everybody", "T1530", _POLICIES,
          _public_elsewhere),
    _rule("D5", "exposure", "high", "decides", "A policy lets in another AWS account", "T1537", _POLICIES,
          _foreign_policy),
    _rule("D7", "exposure", "high", "adds", "Block Public Access was removed or weakened", "T1562.001",
          "DeleteBucketPublicAccessBlock PutBucketPublicAccessBlock DeleteAccountPublicAccessBlock "
          "PutAccountPublicAccessBlock", _less_blocking),
    _rule("D4", "taking", "high", "adds", "Read without any credentials", "T1530",
          "GetObject SelectObjectContent", _anonymous_reads),
    _rule("D4", "recon", "medium", "tells", "Listed without any credentials", "T1619",
          "ListObjects ListObjectVersions", _anonymous_reads),
    _rule("E11", "taking", "high", "adds", "Read from another AWS account", "T1530",
          "GetObject CopyObject SelectObjectContent", _outsider_reads),
    _rule("E11", "destruction", "critical", "decides", "Written or deleted by someone outside the account",
          "T1565.001", _WRITES, _outsider_writes),
    # Ways out
    _rule("D11", "taking", "critical", "decides", "Replication sends the objects to another account", "T1537",
          "PutBucketReplication", _replicates_away),
    _rule("D12", "taking", "critical", "decides", "Objects were copied to a bucket of another account", "T1537",
          "CopyObject UploadPartCopy", _copies_away),
    # Destruction
    _rule("D12", "destruction", "high", "adds", "Objects were encrypted with a key only the caller has", "T1486",
          "CopyObject PutObject", _caller_key),
    _rule("D12", "destruction", "critical", "decides", "Objects were encrypted with another account's KMS key",
          "T1486", "CopyObject PutObject", _foreign_kms),
    _rule("D13", "destruction", "high", "adds", "Objects were re-encrypted in place", "T1486",
          "UpdateObjectEncryption", _here),
    _rule("D17", "destruction", "critical", "decides", "A ransom note was written", "T1486", "PutObject",
          _ransom_note),
    _rule("E20", "destruction", "high", "adds", "Object versions were deleted for good", "T1485", "DeleteObject",
          _permanent),
    _rule("D14", "destruction", "high", "adds", "Versioning or MFA Delete was switched off", "T1490",
          "PutBucketVersioning", _versioning_off),
    _rule("D14", "destruction", "medium", "adds", "A lifecycle rule deletes objects", "T1485.001",
          "PutBucketLifecycle", _expires),
    _rule("D16", "destruction", "medium", "adds", "A protection of a bucket was deleted", "T1490",
          "DeleteBucketPolicy DeleteBucketReplication DeleteBucketEncryption DeleteBucketLifecycle"),
    _rule("E21", "destruction", "high", "adds", "A KMS key was disabled or scheduled for deletion", "T1485",
          "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial"),
    # Not to be seen
    _rule("D19", "evasion", "critical", "decides", "CloudTrail was switched off", "T1562.008",
          "StopLogging DeleteTrail DeleteEventDataStore StopEventDataStoreIngestion"),
    _rule("D19", "evasion", "critical", "decides", "CloudTrail was told to record less", "T1562.008",
          "PutEventSelectors", _management_off),
    _rule("D19", "evasion", "high", "adds", "A trail's selectors leave management events out", "T1562.008",
          "PutEventSelectors", _records_less),
    _rule("D19", "evasion", "medium", "adds", "A trail was changed", "T1562.008", "UpdateTrail"),
    _rule("D15", "evasion", "high", "adds", "Access logging of a bucket was switched off", "T1562.008",
          "PutBucketLogging", _no_target),
    _rule("E23", "evasion", "high", "decides", "A detection service was switched off", "T1562.001",
          "DeleteDetector StopConfigurationRecorder DeleteConfigurationRecorder DeleteAnalyzer"),
    _rule("E23", "evasion", "high", "decides", "GuardDuty was switched off", "T1562.001", "UpdateDetector",
          _detector_off),
    _rule("E23", "evasion", "high", "adds", "GuardDuty was told to overlook something", "T1562.001",
          "CreateIPSet CreateFilter"),
    _rule("E23", "evasion", "high", "adds", "Network or DNS logs were deleted", "T1562.008",
          "DeleteFlowLogs DeleteResolverQueryLogConfig DeleteLogGroup"),
    _rule("E23", "evasion", "high", "adds", "The account was taken out of its organization", "T1562",
          "LeaveOrganization"),
    # To stay
    _rule("D21", "persistence", "high", "adds", "An access key was made for another user", "T1098.001",
          "CreateAccessKey", _for_another),
    _rule("D21", "persistence", "high", "adds", "The principal made itself another access key", "T1098.001",
          "CreateAccessKey", _for_oneself),
    _rule("D22", "persistence", "high", "adds", "A console password was set", "T1098",
          "CreateLoginProfile UpdateLoginProfile"),
    _rule("D23", "persistence", "high", "adds", "A role's trust lets in another account", "T1098 T1199", _TRUST,
          _trust_abroad),
    _rule("D23", "persistence", "medium", "adds", "A role's trust was changed", "T1098",
          "UpdateAssumeRolePolicy"),
    _rule("D23", "persistence", "medium", "adds", "A federation token was issued to a user", "T1550.001",
          "GetFederationToken"),
    _rule("E14", "persistence", "high", "adds", "Administrator rights were attached", "T1098.003",
          "AttachUserPolicy AttachRolePolicy AttachGroupPolicy", _administrator),
    _rule("E14", "persistence", "high", "adds", "A policy that allows everything was written", "T1098.003",
          "PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion", _everything),
    _rule("E14", "persistence", "medium", "adds", "A user was created", "T1136.003", "CreateUser"),
    _rule("E14", "persistence", "high", "adds", "An identity provider or trust anchor was created", "T1556",
          "CreateSAMLProvider UpdateSAMLProvider CreateOpenIDConnectProvider CreateTrustAnchor"),
    _rule("E14", "persistence", "medium", "adds", "Rights or credentials of a principal were changed", "T1098",
          "AddUserToGroup SetDefaultPolicyVersion CreateServiceSpecificCredential UploadSigningCertificate "
          "UploadSSHPublicKey CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice "
          "DeleteUserPermissionsBoundary"),
    _rule("E14", "persistence", "medium", "adds", "A function's code, layers or permissions were changed",
          "T1525 T1098", "UpdateFunctionCode UpdateFunctionConfiguration AddPermission"),
    _rule("D27", "context", "critical", "adds", "AWS quarantined a leaked key", "T1552.001",
          "AttachUserPolicy AttachRolePolicy", _quarantine),
    # What else was reached
    _rule("E13", "taking", "medium", "tells", "Secrets were read", "T1555.006 T1552",
          "GetSecretValue BatchGetSecretValue GetPasswordData GetParameter GetParameters GetParametersByPath"),
    _rule("E13", "taking", "high", "adds", "A disk image or database snapshot was shared", "T1537",
          "ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute", _shared),
    _rule("E13", "context", "medium", "tells", "Commands were run on instances", "T1651",
          "SendCommand StartSession SendSSHPublicKey SendSerialConsoleSSHPublicKey EnableSerialConsoleAccess"),
    _rule("E13", "context", "medium", "tells", "An instance's start-up script was replaced", "T1059",
          "ModifyInstanceAttribute", _user_data),
    _rule("E13", "context", "medium", "tells", "An instance's start-up script was read", "T1552.005",
          "DescribeInstanceAttribute", _user_data_read),
    _rule("E13", "context", "medium", "tells", "A port was opened to the Internet", "T1562.007",
          "AuthorizeSecurityGroupIngress", _open_to_all),
    _rule("E13", "context", "low", "tells", "Compute was started or paid models were called", "T1496",
          "RunInstances InvokeModel"),
    # With what, and as whom
    _rule("D18", "taking", "high", "tells", "A file that holds credentials was read", "T1552.001", "GetObject",
          _credential_file),
    _rule("D24", "origin", "high", "adds", "A client that attackers use", "T1078.004", "", _tool),
    _rule("D30", "origin", "high", "tells", "The root user was used", "T1078.004", "", _root),
    _rule("D30", "origin", "medium", "tells", "Signed in to the console without MFA", "T1078.004", "ConsoleLogin",
          _no_mfa),
)  # fmt: skip


def detect(event: Event, scene: Scene) -> Iterator[Rule]:
    """The rules that a record satisfies; of rules with the same id and kind only the first (the
    strongest).
    """
    name, met = names.plain(event.name), set[tuple[str, str]]()
    for rule in RULES:
        if (rule.id, rule.kind) in met or (rule.names and name not in rule.names):
            continue
        if rule.test(event, scene):
            met.add((rule.id, rule.kind))
            yield rule
