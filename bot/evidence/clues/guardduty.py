"""GuardDuty's findings as clues.

Source: GuardDuty User Guide, "S3 Protection finding types", "IAM finding types", "Attack sequence finding
types", "Retired finding types", "Severity levels for GuardDuty findings".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.aws.guardduty import RegionFindings
from bot.evidence.clues import wording
from bot.evidence.clues.gathered import Gathered
from bot.evidence.events import many, mapping, text_or_none
from bot.evidence.report import Clue, Coverage, Severity
from bot.evidence.wording import at, short

SUBJECT = "GuardDuty findings"

#: From which score on: 9-10 critical, 7-8.9 high, 4-6.9 medium, 1-3.9 low.
LEVELS: tuple[tuple[float, Severity], ...] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))

#: What a type means, by the part after the slash; `*` stands for the purposes that have no line of their own.
MEANINGS: Mapping[str, str] = {
    "Discovery:S3/AnomalousBehavior": "unusual looking around in S3",
    "Exfiltration:S3/AnomalousBehavior": "unusual reading of objects",
    "Impact:S3/AnomalousBehavior.Delete": "unusual deleting of objects",
    "Impact:S3/AnomalousBehavior.Permission": "unusual change of who may read",
    "Impact:S3/AnomalousBehavior.Write": "unusual writing of objects",
    "Policy:S3/AccountBlockPublicAccessDisabled": "the account's Block Public Access was switched off",
    "Policy:S3/BucketBlockPublicAccessDisabled": "the bucket's Block Public Access was switched off",
    "Policy:S3/BucketAnonymousAccessGranted": "the bucket was opened to everybody",
    "Policy:S3/BucketPublicAccessGranted": "the bucket was opened to every AWS account",
    "Stealth:S3/ServerAccessLoggingDisabled": "server access logging was switched off",
    "Object:S3/MaliciousFile": "an object holds malware",
    "AttackSequence:S3/CompromisedData": "a chain of acts against the data in S3",
    "AttackSequence:IAM/CompromisedCredentials": "a chain of acts with stolen credentials",
    "Stealth:IAMUser/CloudTrailLoggingDisabled": "a trail was stopped or deleted",
    "Stealth:IAMUser/PasswordPolicyChange": "the password policy was weakened",
    "Policy:IAMUser/RootCredentialUsage": "the root user's credentials were used",
    "Persistence:IAMUser/AnomalousBehavior": "unusual acts that keep a way back in",
    "PrivilegeEscalation:IAMUser/AnomalousBehavior": "unusual raising of rights",
    "DefenseEvasion:IAMUser/AnomalousBehavior": "unusual acts that hide traces",
    "CredentialAccess:IAMUser/AnomalousBehavior": "unusual asking for credentials",
    "InitialAccess:IAMUser/AnomalousBehavior": "unusual first use of credentials",
    "Discovery:IAMUser/AnomalousBehavior": "unusual looking around",
    "Exfiltration:IAMUser/AnomalousBehavior": "unusual taking out of data",
    "Impact:IAMUser/AnomalousBehavior": "unusual destruction or change",
    "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B": "console sign-ins from all over the world",
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS": (
        "an EC2 instance's credentials were used outside of AWS"
    ),
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS": (
        "an EC2 instance's credentials were used in another AWS account"
    ),
    "*/MaliciousIPCaller": "calls from an address that is known as malicious",
    "*/MaliciousIPCaller.Custom": "calls from an address on your own threat list",
    "*/TorIPCaller": "calls from the Tor network",
    "*/KaliLinux": "calls from Kali Linux, a tool kit for attacks",
    "*/ParrotLinux": "calls from Parrot Security Linux, a tool kit for attacks",
    "*/PentooLinux": "calls from Pentoo Linux, a tool kit for attacks",
}
#: Types that GuardDuty no longer makes; old findings live for 90 days, exports for ever.
RETIRED = frozenset(
    {
        "Exfiltration:S3/ObjectRead.Unusual",
        "Impact:S3/PermissionsModification.Unusual",
        "Impact:S3/ObjectDelete.Unusual",
        "Discovery:S3/BucketEnumeration.Unusual",
        "Persistence:IAMUser/NetworkPermissions",
        "Persistence:IAMUser/ResourcePermissions",
        "Persistence:IAMUser/UserPermissions",
        "PrivilegeEscalation:IAMUser/AdministrativePermissions",
        "Recon:IAMUser/NetworkPermissions",
        "Recon:IAMUser/ResourcePermissions",
        "Recon:IAMUser/UserPermissions",
        "ResourceConsumption:IAMUser/ComputeResources",
        "Stealth:IAMUser/LoggingConfigurationModified",
        "UnauthorizedAccess:IAMUser/ConsoleLogin",
        "UnauthorizedAccess:IAMUser/UnusualASNCaller",
    }
)


def told(regions: Sequence[RegionFindings]) -> Gathered:
    """What GuardDuty says, Region by Region, and whether it could have said something."""
    clues = {clue.id: clue for one in regions for clue in _clues(one)}
    return Gathered(tuple(clues.values()), (_coverage(regions, len(clues)),))


def _clues(region: RegionFindings) -> Iterator[Clue]:
    for finding in region.findings.value or ():
        service = mapping(finding.get("Service"))
        resource = mapping(finding.get("Resource"))
        key = mapping(resource.get("AccessKeyDetails"))
        first = text_or_none(service.get("EventFirstSeen")) or text_or_none(finding.get("CreatedAt"))
        yield Clue(
            source="GuardDuty",
            id=str(finding["Id"]),
            title=_title(str(finding["Type"]), str(finding.get("Title", ""))),
            text=_text(finding, service),
            severity=severity(float(finding["Severity"])),
            time=_time(first),
            principal=text_or_none(key.get("UserName")),
            access_key_id=text_or_none(key.get("AccessKeyId")),
            source_ip=_address(service),
            resource=_bucket(resource),
        )


def severity(score: float) -> Severity:
    """GuardDuty's number in our words."""
    return next(level for least, level in LEVELS if score >= least)


def _title(kind: str, title: str) -> str:
    meaning = MEANINGS.get(kind) or MEANINGS.get(f"*/{kind.partition('/')[2]}") or short(title) or "a finding"
    return f"GuardDuty: {meaning} ({short(kind)})"


def _text(finding: Mapping[str, Any], service: Mapping[str, Any]) -> str:
    first, last = (_time(text_or_none(service.get(name))) for name in ("EventFirstSeen", "EventLastSeen"))
    return wording.guardduty_text(
        str(finding.get("Description", "")),
        int(service.get("Count") or 1),
        at(first) if first else "",
        at(last) if last else "",
        _address(service),
        retired=finding["Type"] in RETIRED,
        archived=service.get("Archived") is True,
    )


def _address(service: Mapping[str, Any]) -> str | None:
    """The caller's address; an attack sequence has several, of which the first is told."""
    action = mapping(mapping(service.get("Action")).get("AwsApiCallAction"))
    remote = mapping(action.get("RemoteIpDetails"))
    sequence = mapping(mapping(service.get("Detection")).get("Sequence"))
    ends = (text_or_none(mapping(one).get("Ip")) for one in many(sequence.get("Endpoints")))
    own = text_or_none(remote.get("IpAddressV4")) or text_or_none(remote.get("IpAddressV6"))
    return own or next(filter(None, ends), None)


def _bucket(resource: Mapping[str, Any]) -> str | None:
    return next(
        (text_or_none(mapping(one).get("Arn")) for one in many(resource.get("S3BucketDetails"))), None
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _coverage(regions: Sequence[RegionFindings], findings: int) -> Coverage:
    """The bucket's Region, which comes first, decides; where it is off elsewhere is told."""
    for one in regions:
        if reason := one.detector.unknown or one.findings.unknown:
            denied = one.detector.denied or one.findings.denied
            turn_on = wording.allow(wording.MAY_GUARDDUTY) if denied else wording.ASK_AGAIN
            because = wording.unanswered(reason, one.region)
            return Coverage(subject=SUBJECT, answer="cannot_know", because=because, turn_on=turn_on)
    off = [one.region for one in regions if not (one.detector.value and one.detector.value.enabled)]
    home = regions[0].detector.value
    if home is None or not home.enabled:
        because = wording.guardduty_off(off)
        return Coverage(subject=SUBJECT, answer="no", because=because, turn_on=wording.TURN_ON_GUARDDUTY)
    elsewhere = f" {wording.guardduty_off(off)}" if off else ""
    if not home.s3_protection:
        because = wording.guardduty_without_objects(regions[0].region, findings) + elsewhere
        return Coverage(subject=SUBJECT, answer="no", because=because, turn_on=wording.TURN_ON_S3_PROTECTION)
    because = wording.guardduty_sees(regions[0].region, findings) + elsewhere
    return Coverage(subject=SUBJECT, answer="yes", because=because)
