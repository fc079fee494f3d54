"""The options of `s3incident investigate`, as typer takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Bucket = Annotated[str, typer.Option("--bucket", help="The bucket the incident is about.")]
Logs = Annotated[
    Path | None,
    typer.Option("--logs", help="A CloudTrail file, or a folder of them. Without it: live from AWS."),
]
AccessLogs = Annotated[
    Path | None,
    typer.Option("--access-logs", metavar="PATH", help="S3 server access logs, a file or a folder."),
]
From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="UTC, as 2026-11-23 or 2026-11-23T03:10.")
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="UTC; a date means its last second.")]
Baseline = Annotated[
    int | None, typer.Option("--baseline", metavar="DAYS", help="Compare with so many days before --from.")
]
Account = Annotated[
    str | None, typer.Option("--account", metavar="ID", help="The bucket owner's account (12 digits).")
]
KnownAccounts = Annotated[
    list[str] | None,
    typer.Option("--known-account", metavar="ID", help="Another account that may reach it; repeatable."),
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="AKIA...", help="An access key under suspicion; repeatable."),
]
DetectionsFolder = Annotated[
    Path | None,
    typer.Option(
        "--detections",
        metavar="DIR",
        help="A folder of Sigma rules, beside our own. Without it: S3INCIDENT_DETECTIONS_DIR, if set.",
    ),
]
ValidateDigests = Annotated[
    bool, typer.Option("--validate-digests", help="Check the trail's files against its digests first.")
]
MatchesFile = Annotated[
    Path | None,
    typer.Option("--matches", metavar="FILE", help="Keep what was found, to go on there the next time."),
]
JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Write the full result as JSON; - for standard output."),
]
CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every event, one a row.")]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page, with pictures.")
]
