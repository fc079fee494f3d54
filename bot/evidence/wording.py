"""Every sentence about findings and labels: what happened, in words for people at three in the morning.

Arguments may hold what an attacker wrote; `short` keeps them on one line and of bearable length, and
whoever shows them escapes them for where they land.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.evidence.clients import family
from bot.evidence.detections.giveaways import tool_in
from bot.evidence.events import Event
from bot.evidence.redact import redact

_TARGETS = (
    "userName",
    "roleName",
    "groupName",
    "bucketName",
    "name",
    "policyArn",
    "functionName",
    "detectorId",
)


def short(text: str, most: int = 120) -> str:
    """One line, no control characters, cut in the middle so that both ends can be read.

    Secrets go before the cut: of half a secret nobody would know any more that it is one.
    """
    text = redact(text)
    line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return line if len(line) <= most else f"{line[: most // 2 - 1]}…{line[-(most // 2) :]}"


#: Names of AWS that look like ordinary words at the beginning of a sentence.
PROPER = ("Block Public Access", "Object Lock", "Access Analyzer", "Identity Center")


def clause(reason: str) -> str:
    """A reason within a sentence: "was refused ..."; names and abbreviations keep their capitals."""
    if reason.startswith(PROPER):
        return reason
    first = reason.split(" ", 1)[0]
    return reason[:1].lower() + reason[1:] if first[1:].islower() or first == "A" else reason


def called(principal: str) -> str:
    """What people call a principal: "user pedro", "session s of role r"; others as they are."""
    kind, *names = principal.split(":", 5)[-1].split("/") if principal.startswith("arn:") else [principal]
    if kind == "assumed-role" and len(names) > 1:
        return short(f"session {names[-1]} of role {names[-2]}")
    if kind in ("user", "role") and names:
        return short(f"{kind} {names[-1]}")
    return "the root user" if kind == "root" and principal.startswith("arn:") else short(principal)


def target_of(event: Event) -> str:
    """What a change was aimed at, as the record names it; empty when it does not."""
    for name in _TARGETS:
        if isinstance(value := event.parameters.get(name), str) and value:
            return short(value)
    return ""


def with_target(title: str, target: str) -> str:
    """A title and what it is about."""
    return f"{title} ({target})" if target else title


def tried(title: str) -> str:
    """A title for an attempt that was refused or failed."""
    return f"Tried without success: {title}"


def client(event: Event) -> str:
    """With what a call was made, for titles: the attackers' tool where one shows, else the family."""
    return tool_in(event.user_agent) or family(event.user_agent)


def raised_own_rights(calls: Sequence[str], grant: str) -> str:
    """E6 by its own hand."""
    return f"Was refused {_and(calls)}, then gave itself the right with {grant}, and then it worked"


def was_given_rights(calls: Sequence[str], grant: str) -> str:
    """E6 by another's hand."""
    return f"Was refused {_and(calls)}; it worked after somebody else's {grant}"


def _and(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = dict.fromkeys(names)
    return f"{', '.join(most)} and {last}" if most else last


def bulk_read(objects: int) -> str:
    """E8."""
    return f"Read {objects} different objects within 10 minutes"


def survey(kinds: int) -> str:
    """E7, D2."""
    return f"Asked {kinds} different questions about buckets and rights within 10 minutes"


def off_instance(instance: str, system: str) -> str:
    """D25."""
    return (
        f"Credentials of EC2 instance {short(instance)} were used by a client on {system}, off the instance"
    )


def instance_in_two_places(instance: str, address: str, home: str) -> str:
    """D25, by address."""
    return (
        f"Credentials of EC2 instance {short(instance)} were used from {short(address)} with another client, "
        f"after {short(home)}; an instance has one way out"
    )


def out_of_runtime(runtime: str, address: str) -> str:
    """D25, for functions and tasks."""
    return f"Credentials of {short(runtime)} were also used from {short(address)} by a client outside it"


def second_place(key: str, address: str, client: str, home: str, home_client: str) -> str:
    """D20."""
    return (
        f"Key {short(key)} was used from {short(address)} with {short(client)}, "
        f"after {short(home)} with {short(home_client)}"
    )


def second_place_at_once(key: str, address: str, client: str, home: str, home_client: str) -> str:
    """D20, the signature of a stolen session."""
    return (
        f"Key {short(key)} was used from {short(address)} with {short(client)}, while {short(home)} with "
        f"{short(home_client)} went on using it"
    )


def declared(keys: Sequence[str]) -> str:
    """Named by whoever asked."""
    return f"Used {', '.join(map(short, keys[:3]))}, under suspicion before this was asked"


def started_suspect_session(session: str, key: str | None) -> str:
    """By descent of a suspect."""
    with_key = f" with key {short(key)}" if key else ""
    return f"Started suspect {called(session)}{with_key}, at the place where it was then used"


def came_through_the_door(opener: str) -> str:
    """D4 after D6."""
    return f"Reached the bucket without credentials after {called(opener)} had opened it to everybody"


def uses_issued_key(key: str, issuer: str) -> str:
    """By descent from a suspect."""
    return f"Uses key {short(key)}, which suspect {called(issuer)} obtained"


def strangers_pipeline(organization: str, home: str, strange: Sequence[str] = ()) -> str:
    """D23; `strange` are the calls that the role's own sessions never made."""
    did = f", and never made {_and(strange[:3])}, which this one did" if strange else ""
    return (
        f"A pipeline of {short(organization, 60)} got this session; until then only {short(home, 60)} "
        f"used the role{did}"
    )


def passed_on(key: str, addresses: int) -> str:
    """E24."""
    return f"One presigned URL was used from {addresses:,} addresses ({short(key)})"


def signed_in_by(parent: str, name: str) -> str:
    """By descent from a suspect."""
    return f"Signed in by an identity provider that suspect {called(parent)} made or let in ({name})"


def tried_to_stay(calls: Sequence[str]) -> str:
    """E14, in vain."""
    return f"Tried several ways to stay, and was refused: {_and(calls[:4])}"


def in_second_hands(objects: int, addresses: int) -> str:
    """E24, of many URLs together."""
    return (
        f"Presigned URLs of {some(objects, 'object')} were used again from "
        f"{some(addresses, 'other address', 'other addresses')} with another client"
    )


def made_suspects_key(key: str, user: str) -> str:
    """By descent of a suspect."""
    return f"Made key {short(key)}, which from the first has been used by suspect {called(user)} alone"


def created_by(parent: str, name: str) -> str:
    """By descent from a suspect."""
    return f"Acts as what suspect {called(parent)} created ({name})"


def carries_away(parent: str) -> str:
    """By descent from a suspect."""
    return f"Reads for the replication that suspect {called(parent)} set up"


def let_in_by(parent: str, name: str, account: str) -> str:
    """By descent from a suspect."""
    return f"Account {account} was let in by suspect {called(parent)} ({name}), and never seen here before"


QUARANTINED = "AWS attached its quarantine policy: it found this user's key in public"

SERVICE = "An AWS service acting for itself or for the account; set apart and counted."
OWN = "One of this program's own roles; set apart and counted."
RESPONDER = "Declared as a responder; set apart and counted."
INSIDE = (
    "All its calls came from private addresses, that is from inside a VPC through its endpoint, and nothing "
    "in these logs speaks against it."
)
ALL_PRIVATE = "All its calls came from private addresses, that is from inside a VPC through its endpoint."
IN_BASELINE = "It was at this bucket in the time before the window too."
NEW_HERE = "It was not at this bucket in the time before the window."
NO_SIGN = "Nothing in these logs speaks against it, and nothing clears it either."
NO_BUCKET = "It did not touch the bucket."
DENIALS_ALONE = "Refused calls alone are no sign of theft."
ONE_WEAK_SIGN = "One kind of weak sign is not enough to call it a suspect."
ANYONE = "Anyone on the Internet can send such requests; no credentials were used."


def at_work_before(first: datetime, suspect: datetime) -> str:
    """Why an actor is known."""
    return (
        f"Was already at work in the same way {span(suspect - first)} before the first suspicious act, "
        "and nothing in these logs speaks against it."
    )


def shared_with_owner(key: str, home: str, *, at_once: bool) -> str:
    """Owner and thief behind one principal."""
    when = "at its home and elsewhere at once" if at_once else "at its home and then elsewhere"
    return (
        f"Key {short(key)} was used {when}: its owner at {short(home)} and the thief share this principal; "
        "only the places marked suspicious are the thief's."
    )


def owner_goes_on(key: str | None, home: str) -> str:
    """Owner and thief behind one principal, each with keys of their own."""
    with_key = f" with key {short(key)}" if key else ""
    return (
        f"Its owner is at {short(home)}{with_key} and shares this principal with the thief: only the places "
        "marked suspicious are the thief's."
    )


def mfa() -> str:
    """A supporting fact, never a reason by itself."""
    return "Signed in with MFA."


def span(length: timedelta) -> str:
    """A duration in words: "16 minutes", "2 hours", "3 days"."""
    seconds = max(int(length.total_seconds()), 0)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and unit != "day"):
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def at(moment: datetime) -> str:
    """A moment for sentences: `2020-09-14 01:02:34 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def size(count: int) -> str:
    """Bytes, exact, and in a unit one can picture: `178 bytes`, `3,670,016 bytes (3.5 MB)`."""
    exact = f"{count:,} byte{'s' if count != 1 else ''}"
    for unit, amount in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= 10 * amount or (count >= amount and unit != "kB"):
            return f"{exact} ({count / amount:.1f} {unit})"
    return exact


def some(count: int, thing: str, things: str | None = None) -> str:
    """`1 object`, `35 objects`."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


#: How to find out what was not provably recorded, by what is missing.
HOW_TO_KNOW = {
    "management": (
        "No management events were read. Read the trail files of every Region, or ask CloudTrail event "
        "history (90 days)."
    ),
    "any_call": (
        "Event history was asked for changes, and for what the keys it met did. The trail's files would show "
        "every management call."
    ),
    "iam": (
        "No events of the Region where IAM logs (us-east-1) were read. Read its trail files, or ask event "
        "history there."
    ),
    "reads": (
        "Object reads were not provably recorded. Data events for this bucket, server access logs or, for "
        "SSE-KMS, kms:Decrypt events would show them."
    ),
    "writes": (
        "Object writes were not provably recorded. Data events for this bucket or server access logs would "
        "show them."
    ),
}
SENSITIVE = "The log has names, not contents. Look at the keys that were read, at Macie findings and at tags."
EXPOSED_NOW = (
    "Logs tell changes, not the present. Read the bucket's policy status, ACL and Block Public Access."
)
PERMISSION = "Read the identity, boundary, session, bucket and organization policies as they were then."
KNOWN_LEAK = "Read the credential report, AWS Health and Trusted Advisor's check for exposed keys."
HELD = "Nothing is contained yet as far as these logs show. Ask again 30 minutes after the containment."
HELD_NOT_YET = "That is too soon to say: ask again 30 minutes after the containment."
NO_BASELINE = "There is no baseline: compare with logs of the 30 to 90 days before the window."
