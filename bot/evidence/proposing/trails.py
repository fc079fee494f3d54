"""What to restore of a trail that somebody tampered with (R37)."""

from bot.evidence.answers.case import Case
from bot.evidence.events import Event, text_or_none
from bot.evidence.proposing.plan import Plan

BLINDING = frozenset({"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"})
_FIRST = "First see again, then act."


def tampered(event: Event, case: Case, plan: Plan) -> None:
    """The trail by its ARN, and of what it had before that which the event tells."""
    target, why = {"trail": _trail(event, case)}, [_FIRST]
    if event.name == "UpdateTrail":
        if event.parameters.get("isMultiRegionTrail") is False:
            target["multi_region"] = "yes"
        if bucket := text_or_none(event.parameters.get("s3BucketName")):
            why.append(f"Its files go to {bucket} now: name the former bucket, if that is another one.")
        if text_or_none(event.parameters.get("kmsKeyId")):
            why.append("Its files are encrypted with another key now: name the former one.")
    elif event.name == "DeleteTrail":
        why.append("To create it again, name the bucket that it wrote into.")
    plan.because_of(event, "R37", target, " ".join(why))


def _trail(event: Event, case: Case) -> str:
    """These calls are taken in the trail's home Region alone, so the event tells the whole ARN."""
    name = text_or_none(event.parameters.get("name") or event.parameters.get("trailName")) or "unnamed"
    partition = event.who.principal.split(":")[1] if event.who.principal.startswith("arn:") else ""
    if name.startswith("arn:") or not (partition and event.region and case.scene.owner):
        return name
    return f"arn:{partition}:cloudtrail:{event.region}:{case.scene.owner}:trail/{name}"
