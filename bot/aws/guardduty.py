"""GuardDuty's findings about a bucket and about access keys, and whether it could see the bucket's objects.

Source: GuardDuty API Reference, ListFindings (criteria are joined by AND, so each is asked for by itself),
GetFindings (50 a call), GetDetector; GuardDuty User Guide, "S3 Protection", "Attack sequence finding types".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway

Finding = Mapping[str, Any]
Criteria = Mapping[str, Mapping[str, Any]]

PER_CALL = 50
#: These name the buckets and keys inside of them only, where ListFindings cannot search.
SEQUENCES = ("AttackSequence:S3/CompromisedData", "AttackSequence:IAM/CompromisedCredentials")


@dataclass(frozen=True)
class Detector:
    """GuardDuty in one Region. `s3_protection`: it reads S3 data events, also where no trail logs them."""

    id: str
    enabled: bool
    s3_protection: bool


@dataclass(frozen=True)
class RegionFindings:
    """One Region: its detector (known and None: GuardDuty was never switched on there) and its findings.

    `findings` are entries of GetFindings, in AWS's shape, each once.
    """

    region: str
    detector: Fact[Detector | None]
    findings: Fact[tuple[Finding, ...]]


def findings(
    reader: Gateway,
    bucket: str,
    start: datetime,
    end: datetime,
    *,
    keys: Collection[str] = (),
    regions: Sequence[str] = (),
) -> tuple[RegionFindings, ...]:
    """What GuardDuty found about the bucket or the keys and saw between two times (UTC), Region by Region.

    Raises nothing of AWS's: each Region carries its own reason.
    """
    search = _Search(reader, bucket, start, end, tuple(sorted(keys)))
    return tuple(search.in_region(region) for region in regions or (reader.region,))


@dataclass(frozen=True)
class _Search:
    reader: Gateway
    bucket: str
    start: datetime
    end: datetime
    keys: tuple[str, ...]

    def in_region(self, region: str) -> RegionFindings:
        detector = ask(lambda: self._detector(region))
        if detector.value is None:
            nothing: Fact[tuple[Finding, ...]] = Fact((), detector.unknown, detector.denied)
            return RegionFindings(region, detector, nothing)
        id_ = detector.value.id
        return RegionFindings(region, detector, ask(lambda: tuple(self._findings(region, id_))))

    def _detector(self, region: str) -> Detector | None:
        ids = list(self.reader.pages("guardduty", "list_detectors", {}, "DetectorIds", region))
        if not ids:
            return None
        data = self.reader.call("guardduty", "get_detector", {"DetectorId": ids[0]}, region).data
        return Detector(ids[0], data.get("Status") == "ENABLED", _reads_data_events(data))

    def _findings(self, region: str, detector: str) -> Iterator[Finding]:
        ids = dict.fromkeys(
            id_ for criteria in self._criteria() for id_ in self._ids(region, detector, criteria)
        )
        for some in _batches(list(ids)):
            params = {"DetectorId": detector, "FindingIds": some}
            found = self.reader.call("guardduty", "get_findings", params, region).data["Findings"]
            yield from (one for one in found if self._concerns(one))

    def _criteria(self) -> Iterator[Criteria]:
        yield {"resource.s3BucketDetails.name": {"Equals": [self.bucket]}}
        for some in _batches(self.keys):
            yield {"resource.accessKeyDetails.accessKeyId": {"Equals": some}}
        yield {"type": {"Equals": list(SEQUENCES)}}

    def _ids(self, region: str, detector: str, criteria: Criteria) -> Iterator[str]:
        since = {"updatedAt": {"GreaterThanOrEqual": int(self.start.timestamp() * 1000)}}
        params = {"DetectorId": detector, "FindingCriteria": {"Criterion": {**criteria, **since}}}
        yield from self.reader.pages("guardduty", "list_findings", params, "FindingIds", region)

    def _concerns(self, finding: Finding) -> bool:
        """Whether what it tells of began before the end; of an attack sequence, also whether it is ours."""
        began = finding.get("Service", {}).get("EventFirstSeen") or finding.get("CreatedAt", "")
        if began and datetime.fromisoformat(began) > self.end:
            return False
        return finding.get("Type") not in SEQUENCES or self._names_us(finding)

    def _names_us(self, finding: Finding) -> bool:
        sequence = finding.get("Service", {}).get("Detection", {}).get("Sequence", {})
        named = {one.get("Name") for one in sequence.get("Resources", ())}
        named |= {one.get("Uid") for one in sequence.get("Resources", ())}
        named |= {one.get("User", {}).get("CredentialUid") for one in sequence.get("Actors", ())}
        return bool(named & {self.bucket, f"arn:aws:s3:::{self.bucket}", *self.keys})


def _batches(values: Sequence[str]) -> Iterator[list[str]]:
    """As many as one call takes."""
    return (list(values[first : first + PER_CALL]) for first in range(0, len(values), PER_CALL))


def _reads_data_events(data: Mapping[str, Any]) -> bool:
    """Features tell; detectors that have none answer in the older DataSources."""
    features = {one.get("Name"): one.get("Status") for one in data.get("Features", ())}
    older = data.get("DataSources", {}).get("S3Logs", {}).get("Status")
    return str(features.get("S3_DATA_EVENTS", older)) == "ENABLED"
