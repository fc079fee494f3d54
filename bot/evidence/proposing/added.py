"""What exactly an event added, where its record says so: only that is taken away again.

A whole-document setting (lifecycle, replication, notifications, CORS) is written with every rule, old ones
too. What the last writer before, who is no suspect, had written was there already; without such a record
only a rule that stands alone, or that copies to a stranger's account, is certain to be new.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.events import Event, many, mapping, text_or_none

Rule = Mapping[str, Any]
Target = dict[str, str]

#: The document in the request of each setting, and its elements with their ids.
_DOCUMENTS = {
    "PutBucketLifecycle": ("LifecycleConfiguration", {"Rule": "ID"}),
    "PutBucketReplication": ("ReplicationConfiguration", {"Rule": "ID"}),
    "PutBucketCors": ("CORSConfiguration", {"CORSRule": "ID"}),
    "PutBucketNotification": (
        "NotificationConfiguration",
        {"TopicConfiguration": "Id", "QueueConfiguration": "Id", "CloudFunctionConfiguration": "Id"},
    ),
}
_BUS = "EventBridgeConfiguration"
#: R30's names of the settings.
_SETTINGS = {
    "PutBucketCors": "cors",
    "PutBucketInventoryConfiguration": "inventory",
    "PutBucketLogging": "logging",
    "PutBucketNotification": "notification",
    "PutBucketRequestPayment": "request-payment",
    "PutBucketWebsite": "website",
}
_ACTS = {
    "CreateGrant": "revoke-grant",
    "DisableKey": "enable",
    "PutKeyPolicy": "restore-policy",
    "ScheduleKeyDeletion": "cancel-deletion",
}


def rules(event: Event, case: Case) -> Target:
    """`rule`: the ids of the rules that a lifecycle or replication event added; empty where it is unsaid."""
    names = _new(event, case)
    return {"rule": names} if names else {}


def attached(event: Event, case: Case) -> Target:
    """`setting`, and `id` of what was added to it where that has ids."""
    setting = {"setting": _SETTINGS[event.name]}
    if event.name == "PutBucketInventoryConfiguration":
        document = mapping(event.parameters.get("InventoryConfiguration"))
        name = text_or_none(document.get("Id")) or text_or_none(event.parameters.get("id"))
        return {**setting, "id": name} if name else setting
    names = _new(event, case) if event.name in _DOCUMENTS else ""
    return {**setting, "id": names} if names else setting


def key(event: Event) -> Target:
    """`key`: the ARN where the record has it. `act` what undoes the event. `grant`: the one it made."""
    arn = next((one.arn for one in event.resources if ":key/" in one.arn), None)
    answered = text_or_none(event.response.get("keyId"))
    named = text_or_none(event.parameters.get("keyId"))
    target = {"key": arn or (answered if answered and ":key/" in answered else None) or named or "unnamed"}
    if act := _ACTS.get(event.name):
        target["act"] = act
    if grant := text_or_none(event.response.get("grantId")):
        target["grant"] = grant
    return target


def access_point(event: Event) -> Target:
    """`access_point`: its name."""
    return {"access_point": text_or_none(event.parameters.get("name")) or "unnamed"}


def multi_region_access_point(event: Event) -> Target:
    """`multi_region_access_point`: the name of the one whose policy was written."""
    request = mapping(event.parameters.get("PutMultiRegionAccessPointPolicyRequest")) or event.parameters
    details = mapping(request.get("Details")) or mapping(request.get("details"))
    name = text_or_none(details.get("Name")) or text_or_none(details.get("name"))
    return {"multi_region_access_point": name or "unnamed"}


def access_grant(event: Event) -> Target:
    """`grant`: the id of the access grant that was made."""
    answers = [event.response, *filter(None, (mapping(one) for one in event.response.values()))]
    found = (one.get(name) for one in answers for name in ("accessGrantId", "AccessGrantId"))
    return {"grant": next((text for one in found if (text := text_or_none(one))), "unnamed")}


def grants_on(event: Event, bucket: str) -> bool:
    """Whether an access grant is on objects of the bucket: only the answer names it."""
    answered = map(text_or_none, event.response.values())
    return any(one == f"s3://{bucket}" or (one or "").startswith(f"s3://{bucket}/") for one in answered)


def _new(event: Event, case: Case) -> str:
    """The ids of what is new in a document, with commas; "" where that cannot be told."""
    written = dict(_elements(event))
    before = _before(event, case)
    if before is not None:
        there = [rule for _, rule in _elements(before)]
        new = [name for name, rule in written.items() if rule not in there]
    elif len(written) == 1:
        new = list(written)
    else:
        new = [name for name, rule in written.items() if _leaves(rule, case)]
    if not all(new) or (len(new) > 1 and any("," in name for name in new)):
        return ""
    return ", ".join(new)


def _elements(event: Event) -> Iterator[tuple[str, Rule]]:
    """Each rule with its id, "" where it was written without one and S3 made one up."""
    name, kinds = _DOCUMENTS[event.name]
    document = mapping(event.parameters.get(name))
    for kind, identifier in kinds.items():
        for rule in map(mapping, many(document.get(kind))):
            yield _name(rule, identifier), rule
    if _BUS in document:
        yield "EventBridge", {}


def _name(rule: Rule, identifier: str) -> str:
    """A CORS rule need not have an id: then its first origin names it."""
    origins = [text for one in many(rule.get("AllowedOrigin")) if (text := text_or_none(one))]
    return text_or_none(rule.get(identifier)) or next(iter(origins), "")


def _before(event: Event, case: Case) -> Event | None:
    """The last time that somebody who is no suspect wrote the same setting."""
    earlier = [
        one
        for one in case.about
        if one.name == event.name and one.succeeded and one.time < event.time and _honest(one, case)
    ]
    return max(earlier, key=lambda one: one.time, default=None)


def _honest(event: Event, case: Case) -> bool:
    return event.bucket == case.scene.bucket and actor_key(event) not in case.suspects


def _leaves(rule: Rule, case: Case) -> bool:
    """Whether a rule copies to an account that is not known."""
    account = text_or_none(mapping(rule.get("Destination")).get("Account"))
    return account is not None and account not in {case.scene.owner, *case.scene.known_accounts}
