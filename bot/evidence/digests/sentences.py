"""What is said about digests and log files, to people."""

from collections import Counter

from bot.evidence.digests.report import DigestReport, Kind

GONE = "it is listed in a digest of CloudTrail and is not there"
LOG_CHANGED = "its content is not what CloudTrail delivered: the SHA-256 differs from the digest's"
UNREADABLE = "it cannot be read: {error}"
DIGEST_GONE = "the digest after it names it, and it is not there"
DIGEST_CHANGED = "the digest after it has another hash for it"
FORGED = "its signature was not made with CloudTrail's key: it, or what it says, is forged"
MOVED = "it lies somewhere else than where it says CloudTrail put it: {key}"
NO_KEYS = "CloudTrail's public keys were not given, so its signature cannot be checked"
NO_KEY = "none of the public keys has its fingerprint {fingerprint}"
NO_SIGNATURE = (
    "its signature is not here: it lies in the object's metadata in S3, and in the digest of the hour after"
)
RESTARTED = "a new chain begins: logging or validation was off, or the digests before were taken away"
NO_DIGEST = "no digest tells of the time from {start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}"

PROVEN = "Proven complete and unchanged from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC ({chain})."
NOTHING_PROVEN = "Nothing is proven about the log files in {where}."
NO_DIGESTS = (
    "There are no digest files in {where}: nothing tells whether log files were removed or changed. Log file "
    "validation is switched on with UpdateTrail (EnableLogFileValidation), for the time from then on."
)
UNLISTED = "{count} log files are listed in no digest: of a trail without validation, or not from CloudTrail."

_SAID: dict[Kind, str] = {
    "log missing": "{count} log files were removed",
    "log changed": "{count} log files were changed",
    "log unreadable": "{count} log files cannot be read",
    "digest missing": "{count} digests were removed",
    "digest changed": "{count} digests were changed",
    "digest forged": "{count} digests are forged",
    "digest moved": "{count} digests were moved",
    "digest unreadable": "{count} digests cannot be read",
    "gap": "{count} gaps in time",
    "not proven": "{count} digests could not be proven",
}


def summary(report: DigestReport) -> list[str]:
    """The result in sentences, for a coverage note: what is proven, and what is wrong."""
    if not report.digests:
        return [NO_DIGESTS.format(where=report.where)]
    said = [PROVEN.format(start=span.start, end=span.end, chain=span.chain) for span in report.spans]
    said = said or [NOTHING_PROVEN.format(where=report.where)]
    counts = Counter(problem.kind for problem in report.problems)
    wrong = [text.format(count=counts[kind]) for kind, text in _SAID.items() if counts[kind]]
    if wrong:
        said.append("; ".join(wrong).capitalize() + ".")
    if report.unlisted:
        said.append(UNLISTED.format(count=len(report.unlisted)))
    return said
