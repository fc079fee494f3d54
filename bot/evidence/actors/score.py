"""An explained score: what speaks for suspicion and what against it, in points that people can add up.

The score orders people and decides nothing: labels follow their own rule (see labels). Weights are in the
tables below, each with its reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.evidence import wording
from bot.evidence.actors.assessment import Assessment
from bot.evidence.clients import is_private
from bot.evidence.collect import Tally
from bot.evidence.detections.sign import Sign
from bot.evidence.report import MOST_EVENT_IDS, Reason

#: How much a sign says. A deciding sign outweighs any two others; one that only tells says next to nothing.
WEIGHTS = {"decides": 50, "adds": 20, "tells": 1}

#: How bad it is when it is true: breaks ties between signs of equal weight.
SEVERITIES = {"critical": 10, "high": 6, "medium": 3, "low": 1, "info": 0}

#: A second sign of the same kind says little more than the first (an administrator's three IAM changes).
SAME_KIND = 5

#: Using a key that a suspect obtained is as good as being that suspect.
HEIR = 50

#: Somebody had a reason to name the key; the events have to show what it did.
DECLARED = 40

#: What speaks against suspicion. None of it clears anybody: thieves use stolen habits, VPNs and MFA sessions.
AT_WORK_BEFORE = -20  # the same place and client before anything suspicious happened
IN_BASELINE = -20  # seen at this bucket in the weeks before
INSIDE = -10  # every call from inside a VPC
WITH_MFA = -10  # somebody held the second factor when the session began
ELSEWHERE = -5  # never touched the bucket


def reasons(tally: Tally, assessment: Assessment, *, new: bool | None) -> tuple[Reason, ...]:
    """Everything that speaks for or against one actor, strongest first. `new`: not seen in the baseline."""
    if assessment.apart:
        return tuple(Reason(points=0, text=text) for text in assessment.reasons)
    told = [*_from_signs(assessment.signs), *_from_descent(assessment), *_against(tally, assessment, new)]
    return tuple(sorted(told, key=lambda reason: -reason.points)) + _weightless(tally, assessment, new)


def total(told: Iterable[Reason]) -> int:
    """The sum of the points."""
    return sum(reason.points for reason in told)


def _from_signs(signs: Sequence[Sign]) -> Iterator[Reason]:
    """The strongest sign of each kind counts in full, every other one SAME_KIND or less."""
    for _, same in groupby(sorted(signs, key=lambda sign: (sign.kind, -_worth(sign))), key=lambda s: s.kind):
        first, *others = same
        yield _reason(first, _worth(first))
        yield from (_reason(other, min(SAME_KIND, _worth(other))) for other in others)


def _worth(sign: Sign) -> int:
    return WEIGHTS[sign.weight] + SEVERITIES[sign.severity]


def _reason(sign: Sign, points: int) -> Reason:
    return Reason(points=points, text=sign.title, event_ids=sign.event_ids[:MOST_EVENT_IDS])


def _from_descent(assessment: Assessment) -> Iterator[Reason]:
    if assessment.declared:
        yield Reason(points=DECLARED, text=assessment.declared)
    for text, event_id in assessment.inherited:
        yield Reason(points=HEIR, text=text, event_ids=(event_id,))


def _against(tally: Tally, assessment: Assessment, new: bool | None) -> Iterator[Reason]:
    if assessment.known_because:
        inside = assessment.known_because == wording.INSIDE
        yield Reason(points=INSIDE if inside else AT_WORK_BEFORE, text=assessment.known_because)
    elif tally.origins and all(is_private(address) for _, address, _ in tally.origins):
        yield Reason(points=INSIDE, text=wording.ALL_PRIVATE)
    if new is False:
        yield Reason(points=IN_BASELINE, text=wording.IN_BASELINE)
    if tally.who.mfa:
        yield Reason(points=WITH_MFA, text=wording.mfa())
    if not tally.bucket_events:
        yield Reason(points=ELSEWHERE, text=wording.NO_BUCKET)


def _weightless(tally: Tally, assessment: Assessment, new: bool | None) -> tuple[Reason, ...]:
    """Worth saying, and worth no points in either direction."""
    told = [wording.NEW_HERE] if new else []
    if assessment.split:
        told.append(assessment.split)
    if any(counts.denied for counts in tally.origins.values()):
        told.append(wording.DENIALS_ALONE)
    if tally.who.is_anonymous:
        told.append(wording.ANYONE)
    return tuple(Reason(points=0, text=text) for text in told)
