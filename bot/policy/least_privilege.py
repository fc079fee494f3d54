"""Rewrites an identity policy so that it allows what was used, and never more than before.

Deny statements stay as they are. Of each Allow statement the actions and resources become those of the
recorded requests that it let through, the attacker's left out; objects become the folders they lie in. What
the log does not record (object-level events that are off) cannot be called unused, and stays. Source: IAM
User Guide, "Grant least privilege".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from bot.policy import wording
from bot.policy.change import (
    Document,
    Kind,
    PolicyTooLargeError,
    Tightened,
    TightenError,
    fitting,
    statements_of,
    with_statements,
)
from bot.policy.document import Policy, Statement, parse
from bot.policy.evaluate import evaluate
from bot.policy.reach import all_within
from bot.policy.request import Policies, Request, caller_of, full_context
from bot.policy.statements import Ask, judge, speaks_of_action
from bot.policy.truth import Truth
from bot.policy.wildcard import is_fixed, matches

OBJECT_ACTIONS: Final = tuple(
    f"s3:{name}"
    for name in (
        "AbortMultipartUpload", "DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion",
        "DeleteObjectVersionTagging", "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectTagging",
        "GetObjectVersion", "GetObjectVersionAcl", "GetObjectVersionAttributes", "GetObjectVersionTagging",
        "ListBucket", "ListBucketMultipartUploads", "ListBucketVersions", "ListMultipartUploadParts",
        "PutObject", "PutObjectAcl", "PutObjectTagging", "PutObjectVersionAcl", "PutObjectVersionTagging",
        "RestoreObject",
    )
)  # fmt: skip
"""What is recorded only where CloudTrail data events are on: pass it as `unrecorded` where they were not."""

_OPENNESS: Final = {"explicitly_denied": 0, "implicitly_denied": 0, "depends": 1, "allowed": 2}


@dataclass(frozen=True)
class Use:
    """A recorded request, once for all that are alike."""

    request: Request
    by_attacker: bool = False


def least_privilege(
    document: Document,
    uses: Iterable[Use],
    kind: Kind,
    *,
    folders: int = 1,
    unrecorded: Collection[str] = (),
    others: int = 0,
) -> Tightened:
    """The policy rewritten for what was used, as precise as fits AWS's size limit.

    `folders` is how many folders of an object's key are kept (`logs/2026/11/x` with 1 is `logs/*`); fewer
    when it does not fit. `unrecorded` are actions (without wildcards) whose use would not be in the log.
    `others` is the size of the policies that share the limit. Every recorded request that was allowed and not
    the attacker's is evaluated again under the new policy. Raises TightenError for a resource-based policy or
    when that evaluation fails, PolicyTooLargeError, PolicyError.
    """
    policy, recorded = parse(document), tuple(uses)
    if any(one.principals or one.not_principals for one in policy.statements):
        raise TightenError(wording.NOT_AN_IDENTITY_POLICY)
    for action in (*(use.request.action for use in recorded), *unrecorded):
        if not is_fixed(action):
            raise TightenError(wording.not_that(action, "one action"))
    log = _Log(recorded, tuple(unrecorded))
    for depth in range(folders, -1, -1):
        with suppress(PolicyTooLargeError):
            return _attempt(document, policy, log, kind, others, depth)
    return _attempt(document, policy, log, kind, others, None)


@dataclass(frozen=True)
class _Log:
    """What was recorded, and the actions that would not have been."""

    uses: tuple[Use, ...]
    unrecorded: tuple[str, ...]


def _attempt(
    document: Document, policy: Policy, log: _Log, kind: Kind, others: int, folders: int | None
) -> Tightened:
    """The rewritten policy with that many folders; `None` leaves the resources as they are."""
    bodies = zip(policy.statements, statements_of(document), strict=True)
    rewritten = [_rewritten(statement, body, log, folders) for statement, body in bodies]
    sentences = tuple(sentence for one in rewritten for sentence in one.sentences)
    after = [body for one in rewritten for body in one.bodies]
    if not sentences:
        return Tightened(document, (wording.NOTHING_UNUSED,), changed=False)
    fitted = fitting(with_statements(document, after), kind, others) if after else None
    _prove(policy, fitted, log.uses)
    return Tightened(fitted, sentences if fitted else (*sentences, wording.NOTHING_LEFT))


@dataclass(frozen=True)
class _Rewritten:
    """What becomes of one statement: the statements in its place, and what there is to say about it."""

    bodies: tuple[Mapping[str, Any], ...]
    sentences: tuple[str, ...] = ()


def _rewritten(statement: Statement, body: Mapping[str, Any], log: _Log, folders: int | None) -> _Rewritten:
    if statement.effect == "Deny":
        return _Rewritten((body,))
    through = [use for use in log.uses if _lets_through(statement, use.request)]
    needed = [use.request for use in through if not use.by_attacker]
    unseen = [action for action in log.unrecorded if speaks_of_action(statement, action)]
    if not needed and not unseen:
        return _Rewritten((), (wording.unused(statement.label, _attacker_only(through, ())),))
    pieces = _pieces(statement, needed, unseen, folders)
    bodies = tuple(_body(statement, body, piece, first=piece is pieces[0]) for piece in pieces)
    if bodies == (body,):
        return _Rewritten((body,))
    used = sorted({action for piece in pieces for action in piece.actions})
    where = sorted({resource for piece in pieces for resource in piece.resources})
    gone = _attacker_only(through, used)
    return _Rewritten(bodies, (wording.rewritten(statement.label, used, where, gone, len(unseen)),))


@dataclass(frozen=True)
class _Piece:
    """Actions with the resources they were used on."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


def _pieces(
    statement: Statement, needed: Sequence[Request], unseen: Sequence[str], folders: int | None
) -> list[_Piece]:
    """One piece, or two where some actions know no resource: a `*` must not open the others' resources."""
    keeps_resources = bool(unseen or folders is None or not statement.resources)
    if keeps_resources:
        return [_Piece(_actions([one.action for one in needed] + list(unseen)), statement.resources)]
    pieces = []
    for everywhere in (False, True):
        requests = [one for one in needed if (one.resource == "*") == everywhere]
        if requests:
            resources = {new for one in requests for new in _resources(statement, one.resource, folders or 0)}
            pieces.append(_Piece(_actions(one.action for one in requests), _widest(resources)))
    return pieces


def _actions(actions: Iterable[str]) -> tuple[str, ...]:
    """Each action once, whatever its case."""
    return tuple(sorted({action.lower(): action for action in actions}.values()))


def _widest(patterns: Collection[str]) -> tuple[str, ...]:
    """The patterns without those that lie within another."""
    return tuple(
        sorted(
            one
            for one in patterns
            if not any(other != one and all_within((one,), (other,), ignore_case=False) for other in patterns)
        )
    )


def _resources(statement: Statement, resource: str, folders: int) -> Iterator[str]:
    """The narrowest patterns for a resource that lie within the statement's own."""
    candidate = _folder(resource, folders)
    if is_fixed(candidate.removesuffix("/*")) and all_within(
        (candidate,), statement.resources, ignore_case=False
    ):
        yield candidate
    else:
        # A policy variable, an odd name, or a pattern narrower than the folder: what lets it through stays.
        plain = [one for one in statement.resources if "${" not in one and matches(one, resource)]
        yield from plain or statement.resources


def _folder(resource: str, folders: int) -> str:
    """The pattern for the objects beside one: `arn:aws:s3:::b/logs/2026/x` with 1 folder is
    `.../b/logs/*`."""
    bucket, slash, key = resource.partition("/")
    if ":s3:::" not in bucket or not slash:
        return resource
    return "/".join([bucket, *key.split("/")[:-1][:folders], "*"])


def _body(statement: Statement, body: Mapping[str, Any], piece: _Piece, *, first: bool) -> Mapping[str, Any]:
    """The statement as written, with the elements changed that must change; Sids cannot be used twice."""
    new = {element: value for element, value in body.items() if first or element != "Sid"}
    same_actions = set(map(str.lower, piece.actions)) == set(map(str.lower, statement.actions))
    if not same_actions:
        new = {"Action" if one == "NotAction" else one: value for one, value in new.items()}
        new["Action"] = list(piece.actions)
    if set(piece.resources) != set(statement.resources):
        new["Resource"] = list(piece.resources)
    return new


def _lets_through(statement: Statement, request: Request) -> bool:
    who = caller_of(request)
    ask = Ask(who, request.action, request.resource, full_context(request, who))
    return judge(statement, ask).applies != Truth.NO


def _attacker_only(through: Iterable[Use], kept: Collection[str]) -> list[str]:
    """The actions that only the attacker used."""
    uses = list(through)
    others = {use.request.action.lower() for use in uses if not use.by_attacker} | set(map(str.lower, kept))
    return list(_actions(use.request.action for use in uses if use.request.action.lower() not in others))


def _prove(before: Policy, after: Document | None, recorded: Iterable[Use]) -> None:
    """Evaluate what was used under both. Raises TightenError when somebody would lose it."""
    new = (parse(after, before.name),) if after else ()
    for use in recorded:
        if use.by_attacker:
            continue
        was, is_now = (evaluate(use.request, Policies(identity=one)) for one in ((before,), new))
        if _OPENNESS[is_now.outcome] < _OPENNESS[was.outcome]:
            raise TightenError(wording.would_break(use.request.action, use.request.resource))
