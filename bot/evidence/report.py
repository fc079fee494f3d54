"""The result of an investigation, as people and programs receive it: a contract with a version."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

#: Grows by one when a member changes its meaning or goes away; new members do not change it.
SCHEMA_VERSION: Literal[1] = 1

#: Lists of event ids are cut here, earliest first; the member `events` beside them has the true number.
MOST_EVENT_IDS = 200

#: Lists of object keys are cut here, in their order; the full list is in the CSV.
MOST_OBJECTS = 10_000


def _zulu(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


#: UTC, written `2020-09-14T01:02:34Z` as CloudTrail does.
Moment = Annotated[datetime, PlainSerializer(_zulu, return_type=str)]

Label = Literal["suspect", "service", "known", "unclear"]
Verdict = Literal["yes", "no", "cannot_know"]
Matched = Literal["issued key", "session", "not found"]
Severity = Literal["critical", "high", "medium", "low", "info"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(_Part):
    """Asked for (`start`, `end`; None: all) and found (`first_event`, `last_event`), UTC, inclusive."""

    start: Moment | None
    end: Moment | None
    first_event: Moment | None
    last_event: Moment | None


class Baseline(_Part):
    """The time before the window that new principals, addresses and clients are compared with (E25)."""

    start: Moment
    end: Moment
    events: int


class Coverage(_Part):
    """One thing that could have been seen, and whether it was: read this before any answer (rule 7, E1).

    `subject` is one of "management events", "object reads", "object writes", "server access logs", and for
    live runs "GuardDuty findings", "Access Analyzer findings", "Config history", "IAM"; `because` says what
    shows it, `turn_on` what to do where the answer is not yes.
    """

    subject: str
    answer: Verdict
    because: str
    turn_on: str | None = None


class Source(_Part):
    """One source: what it is, how much was read and left out, and whether that was all of it.

    `records` were looked through, `size` is in bytes unpacked, `calls` were made to AWS; `dollars` is what
    AWS charges for the reading (None: nothing).
    """

    kind: str
    where: str
    regions: tuple[str, ...]
    files: int
    skipped: int
    lookups: int
    complete: bool
    note: str
    problems: tuple[str, ...]
    records: int = 0
    size: int = 0
    calls: int = 0
    dollars: float | None = None


class SetApart(_Part):
    """Events found and set apart, counted: of AWS services, this program's own roles, declared responders."""

    services: int
    own: int
    responders: int


class Totals(_Part):
    """`events` were looked through; `duplicates` by eventID among those found; `unique_events` is the rest.

    `outside_window` and `other_accounts` are unique events that were found and not considered;
    `about_bucket` are those considered that name the bucket. `access_log_lines` are lines of server access
    logs about the bucket, of which `joined_lines` tell of a request that CloudTrail tells of too.
    """

    files: int
    events: int
    unique_events: int
    duplicates: int
    outside_window: int
    other_accounts: int
    about_bucket: int
    set_apart: SetApart
    access_log_lines: int = 0
    joined_lines: int = 0


class Origin(_Part):
    """One key used from one address with one client. `suspicious`: a finding's events came from here."""

    access_key_id: str | None
    source_ip: str
    user_agent: str
    first_seen: Moment
    last_seen: Moment
    events: int
    denied: int
    objects_read: int
    bytes_out: int | None
    suspicious: bool


class Actor(_Part):
    """One principal: a user, a role session, a service, an account; each anonymous address by itself.

    `objects_read` are the distinct keys of the bucket handed over by successful calls, `get_object_calls`
    those calls, `bytes_out` what they sent: None where no record says, and a lower bound where
    `bytes_exact` is False. Refused calls never count as bytes. Of a suspect who shares a principal with its
    owner these are from the `suspicious` origins alone. `calls` counts all calls in the logs, also to other
    services: {"s3:GetObject": 2}. `objects_read` lists at most MOST_OBJECTS keys; `distinct_objects` is their
    true number. Keys, addresses and origins that are held against a suspect come first. `person` names the
    Person; `score` is the sum of the points that speak about this actor by itself (Person has them with their
    reasons); `new`: not seen in the baseline
    (None: no baseline).
    """

    principal: str
    type: str
    label: Label
    reasons: tuple[str, ...]
    access_key_ids: tuple[str, ...]
    source_ips: tuple[str, ...]
    user_agents: tuple[str, ...]
    first_seen: Moment
    last_seen: Moment
    events: int
    denied: int
    bucket_events: int
    objects_read: tuple[str, ...]
    get_object_calls: int
    bytes_out: int | None
    bytes_exact: bool
    calls: dict[str, int]
    origins: tuple[Origin, ...]
    person: str = ""
    score: int = 0
    distinct_objects: int = 0
    new: bool | None = None


class Reason(_Part):
    """Why somebody has a label: what speaks for suspicion (`points` above 0) or against it (below)."""

    points: int
    text: str
    event_ids: tuple[str, ...] = ()


class Person(_Part):
    """One human or workload: the actors that are provably one, joined over keys, sessions, role hops and
    SourceIdentity. A shared address never joins.

    `joined` says in a sentence each what joins them. `score` is the sum of the points of `reasons`; it
    orders people and decides nothing by itself. `elsewhere` counts what was done to other things than the
    bucket (E13): {"iam:CreateUser": 1}.
    """

    name: str
    kind: Literal["human", "workload", "service", "anonymous", "account", "unknown"]
    label: Label
    score: int
    reasons: tuple[Reason, ...]
    joined: tuple[str, ...]
    principals: tuple[str, ...]
    access_key_ids: tuple[str, ...]
    source_ips: tuple[str, ...]
    first_seen: Moment
    last_seen: Moment
    events: int
    denied: int
    bucket_events: int
    elsewhere: dict[str, int]


class Clue(_Part):
    """What another AWS service says: a GuardDuty or Access Analyzer finding, a Config record, a fact of IAM.

    `id` is the service's own (finding id, configuration item's capture time, key id). It speaks beside the
    events and is never counted among them.
    """

    source: Literal["GuardDuty", "IAM Access Analyzer", "AWS Config", "IAM"]
    id: str
    title: str
    text: str
    severity: Severity = "info"
    time: Moment | None = None
    principal: str | None = None
    access_key_id: str | None = None
    source_ip: str | None = None
    resource: str | None = None


class Hop(_Part):
    """How an access key came to be (domain 0.2, E12).

    `minted_by` made the call `event` (AssumeRole, GetSessionToken, CreateAccessKey ...) with
    `parent_key_id`, at `time`. `matched` is "issued key" when the event names the key it issued,
    "session" when it was found by role, session name and time; "not found" when the logs hold no such
    call, with what is known about the origin in `origin`.
    """

    access_key_id: str
    principal: str
    event: str | None
    event_id: str | None
    time: Moment | None
    minted_by: str | None
    parent_key_id: str | None
    matched: Matched
    origin: str


class Answer(_Part):
    """`id` E1..E30. "no" holds for what the coverage shows; "cannot_know" says in `because` how to find
    out.
    """

    id: str
    question: str
    answer: Verdict
    because: str
    events: int = 0
    event_ids: tuple[str, ...] = ()


class Finding(_Part):
    """A rule (D1..D30, or the E row it belongs to) that events of one principal and key satisfied."""

    rule: str
    severity: Severity
    title: str
    principal: str
    access_key_id: str | None
    source_ip: str
    time: Moment
    events: int
    event_ids: tuple[str, ...]
    mitre: tuple[str, ...]


class TimelineEntry(_Part):
    """One act, or a run of the same act, in order of time; `outcome` is "ok", "denied" or "failed".

    `change` marks what changed something (and worked), as against looking and reading. `events` is their true
    number; `event_ids` are the first of those that were kept singly.
    """

    time: Moment
    until: Moment
    principal: str
    label: Label
    action: str
    outcome: Literal["ok", "denied", "failed"]
    text: str
    events: int
    event_ids: tuple[str, ...]
    change: bool = False


class Activity(_Part):
    """Requests of one actor that ended within `minutes` (a power of two) after `start`.

    `actor` is written as in the timeline; None sums up all who have no rows of their own. `suspicious` are
    the requests from the places (key, address and client) that are held against it. `denied` were refused,
    `ok` are all others.
    """

    actor: str | None
    label: Label | None
    suspicious: bool
    start: Moment
    minutes: int
    ok: int
    denied: int


class Proposal(_Part):
    """A row of the remediation catalogue (R1, R2, R5 ...) and its target, in the order to do it.

    `title` says what the row does. Rows that the program cannot carry out are done by hand.
    """

    remediation: str
    target: dict[str, str]
    why: str
    event_ids: tuple[str, ...]
    title: str = ""


class Investigation(_Part):
    """The whole result; the JSON of `s3incident investigate --json`.

    - `schema_version`: 1; `bucket`, `account_id` (None when neither given nor in the logs).
    - `verdict`: two sentences for people: who got in and what they got, or why that cannot be said.
    - `window`, `coverage`, `sources`, `totals`: what was looked at.
    - `actors` (suspects first), `lineage`, `answers` (E1..E30 in order), `findings` (by time), `timeline`
      (what
      suspects did, and changes to the bucket by anyone), `proposals` (in the order to carry them out).
    - `people` (actors joined), `clues` (what other AWS services say), `baseline`; `unknown`: what is not
      known, and `next_steps`: what to do next, in sentences, most important first.
    - `bucket_before`: the bucket's settings as AWS Config last had them before the first suspicious act, in
      the shapes of S3's API (`captured_at`, `policy`, `public_access_block`, `acl`, `versioning`, `logging`).
    - `lost`: what was there and could not be read, None where nothing was: counts are lower bounds then.
    - `activity`: requests over time around the suspicious ones (all, where none is), of those who matter.

    All text may hold what an attacker wrote (keys, user agents, session names): escape it for where it lands.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    bucket: str
    account_id: str | None
    verdict: str
    window: Window
    coverage: tuple[Coverage, ...]
    sources: tuple[Source, ...]
    totals: Totals
    actors: tuple[Actor, ...]
    lineage: tuple[Hop, ...]
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    timeline: tuple[TimelineEntry, ...]
    proposals: tuple[Proposal, ...]
    people: tuple[Person, ...] = ()
    clues: tuple[Clue, ...] = ()
    baseline: Baseline | None = None
    unknown: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    activity: tuple[Activity, ...] = ()
    bucket_before: dict[str, Any] | None = None
    lost: str | None = None

    @property
    def suspects(self) -> tuple[Actor, ...]:
        """The actors labelled suspect."""
        return tuple(actor for actor in self.actors if actor.label == "suspect")

    def answer(self, question_id: str) -> Answer:
        """The answer to one question; raises KeyError for an id that is not asked."""
        return {answer.id: answer for answer in self.answers}[question_id]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")
