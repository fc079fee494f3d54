"""IAM Access Analyzer's findings about a bucket: who outside can reach it, by its policies as they are.

Source: IAM Access Analyzer API Reference, ListAnalyzers, ListFindingsV2, GetFindingV2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway

#: Analyzers of this kind tell what is not used, not who can reach something.
UNUSED = "_UNUSED_ACCESS"


@dataclass(frozen=True)
class AnalyzerFindings:
    """One analyzer (an entry of ListAnalyzers) and its findings about the bucket.

    `findings` are answers of GetFindingV2: id, status, createdAt, updatedAt, findingType, findingDetails
    (each with its principal, actions, conditions and sources).
    """

    analyzer: Mapping[str, Any]
    findings: Fact[tuple[Mapping[str, Any], ...]]


def findings(reader: Gateway, bucket: str, region: str | None = None) -> Fact[tuple[AnalyzerFindings, ...]]:
    """What each access analyzer of the bucket's Region says of the bucket. Known and empty: there is none.

    Raises nothing of AWS's: what could not be read carries its reason.
    """
    return ask(lambda: tuple(_of_analyzers(reader, bucket, region)))


def _of_analyzers(reader: Gateway, bucket: str, region: str | None) -> Iterator[AnalyzerFindings]:
    for analyzer in reader.pages("accessanalyzer", "list_analyzers", {}, "analyzers", region):
        if not analyzer["type"].endswith(UNUSED):
            partition = analyzer["arn"].split(":")[1]
            arn = f"arn:{partition}:s3:::{bucket}"
            yield AnalyzerFindings(analyzer, _findings(reader, analyzer["arn"], arn, region))


def _findings(
    reader: Gateway, analyzer: str, bucket_arn: str, region: str | None
) -> Fact[tuple[Mapping[str, Any], ...]]:
    params = {"analyzerArn": analyzer, "filter": {"resource": {"eq": [bucket_arn]}}}

    def read() -> tuple[Mapping[str, Any], ...]:
        listed = reader.pages("accessanalyzer", "list_findings_v2", params, "findings", region)
        return tuple(_details(reader, analyzer, one["id"], region) for one in listed)

    return ask(read)


def _details(reader: Gateway, analyzer: str, id_: str, region: str | None) -> Mapping[str, Any]:
    params: dict[str, Any] = {"analyzerArn": analyzer, "id": id_}
    finding = dict(reader.call("accessanalyzer", "get_finding_v2", params, region).data)
    details = list(finding.get("findingDetails", ()))
    token = finding.pop("nextToken", None)
    while token:
        more = reader.call("accessanalyzer", "get_finding_v2", {**params, "nextToken": token}, region).data
        details += more.get("findingDetails", ())
        token = more.get("nextToken")
    return {**finding, "findingDetails": details}
