"""What must hold for a rule that one record decides: each test looks at a record and at the scene."""

from dataclasses import dataclass

from bot.evidence.detections.giveaways import is_credential_file, is_ransom_note, tool_in
from bot.evidence.detections.grants import acl_is_public, allows_everything, blocks_less, let_in_by_policy
from bot.evidence.events import Event, many, mapping, text_or_none
from bot.evidence.touching import touches


@dataclass(frozen=True)
class Scene:
    """What a rule may know besides the record: the bucket asked about and its owner's account."""

    bucket: str
    owner: str | None
    known_accounts: frozenset[str] = frozenset()


def always(_: Event, __: Scene) -> bool:
    return True


def here(event: Event, scene: Scene) -> bool:
    return touches(event, scene.bucket)


def public_here(event: Event, scene: Scene) -> bool:
    return here(event, scene) and public(event, scene)


def public(event: Event, scene: Scene) -> bool:
    return let_in_by_policy(event, scene.owner).public or acl_is_public(event)


def public_elsewhere(event: Event, scene: Scene) -> bool:
    return not here(event, scene) and public(event, scene)


def foreign_policy(event: Event, scene: Scene) -> bool:
    grants = let_in_by_policy(event, scene.owner)
    return bool(grants.accounts) and not grants.public


def trust_abroad(event: Event, scene: Scene) -> bool:
    grants = let_in_by_policy(event, scene.owner)
    return grants.public or bool(grants.accounts)


def less_blocking(event: Event, _: Scene) -> bool:
    return blocks_less(event)


def for_another(event: Event, _: Scene) -> bool:
    user = text_or_none(event.parameters.get("userName"))
    return user is not None and user != event.who.user_name


def for_oneself(event: Event, scene: Scene) -> bool:
    return not for_another(event, scene)


def administrator(event: Event, _: Scene) -> bool:
    attached = str(event.parameters.get("policyArn", ""))
    return attached.endswith(
        ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess", "/AmazonS3FullAccess")
    )


def everything(event: Event, _: Scene) -> bool:
    return allows_everything(event)


def quarantine(event: Event, _: Scene) -> bool:
    return "AWSCompromisedKeyQuarantine" in str(event.parameters.get("policyArn", ""))


def versioning_off(event: Event, _: Scene) -> bool:
    wanted = mapping(event.parameters.get("VersioningConfiguration"))
    return (
        wanted.get("Status") == "Suspended" or wanted.get("MfaDelete", wanted.get("MFADelete")) == "Disabled"
    )


def expires(event: Event, _: Scene) -> bool:
    rules = many(mapping(event.parameters.get("LifecycleConfiguration")).get("Rule"))
    return any({"Expiration", "NoncurrentVersionExpiration"} & set(mapping(rule)) for rule in rules)


def no_target(event: Event, _: Scene) -> bool:
    status = mapping(event.parameters.get("BucketLoggingStatus"))
    return "LoggingEnabled" not in status


def management_off(event: Event, _: Scene) -> bool:
    selectors = many(event.parameters.get("eventSelectors"))
    return any(mapping(one).get("includeManagementEvents") is False for one in selectors)


def records_less(event: Event, _: Scene) -> bool:
    """Advanced selectors without management events, or selectors that the log left out as too large."""
    advanced = many(event.parameters.get("advancedEventSelectors"))
    if advanced:
        return "Management" not in str(advanced)
    return "eventSelectors" not in event.parameters


def detector_off(event: Event, _: Scene) -> bool:
    return event.parameters.get("enable") is False


def replicates_away(event: Event, scene: Scene) -> bool:
    rules = many(mapping(event.parameters.get("ReplicationConfiguration")).get("Rule"))
    targets = [mapping(mapping(rule).get("Destination")) for rule in rules]
    return any(text_or_none(target.get("Account")) not in (None, scene.owner) for target in targets)


def copies_away(event: Event, scene: Scene) -> bool:
    source = str(event.parameters.get("x-amz-copy-source", "")).removeprefix("/").split("/")[0]
    foreign = {one.account for one in event.resources if one.account} - {scene.owner or ""}
    return source == scene.bucket and event.bucket != scene.bucket and bool(foreign)


def caller_key(event: Event, _: Scene) -> bool:
    return "x-amz-server-side-encryption-customer-algorithm" in event.parameters


def foreign_kms(event: Event, scene: Scene) -> bool:
    key = str(event.parameters.get("x-amz-server-side-encryption-aws-kms-key-id", ""))
    parts = key.split(":")
    return len(parts) > 5 and scene.owner is not None and parts[4] != scene.owner


def permanent(event: Event, scene: Scene) -> bool:
    return here(event, scene) and event.parameters.get("versionId") is not None


def ransom_note(event: Event, scene: Scene) -> bool:
    return here(event, scene) and is_ransom_note(event.key or "")


def credential_file(event: Event, scene: Scene) -> bool:
    return here(event, scene) and is_credential_file(event.key or "")


def tool(event: Event, _: Scene) -> bool:
    return tool_in(event.user_agent) is not None


def outsider(event: Event, scene: Scene) -> bool:
    inside = {None, scene.owner, *scene.known_accounts}
    return not event.who.is_anonymous and event.who.account not in inside and here(event, scene)


def outsider_writes(event: Event, scene: Scene) -> bool:
    return (
        (outsider(event, scene) or event.who.is_anonymous) and scene.owner is not None and here(event, scene)
    )


def anonymous_reads(event: Event, scene: Scene) -> bool:
    return event.who.is_anonymous and here(event, scene)


def outsider_reads(event: Event, scene: Scene) -> bool:
    return scene.owner is not None and outsider(event, scene)


def no_mfa(event: Event, _: Scene) -> bool:
    return event.extra.get("MFAUsed") == "No" and str(event.response.get("ConsoleLogin")) == "Success"


def root(event: Event, _: Scene) -> bool:
    return event.who.type == "Root" and not event.who.invoked_by


def shared(event: Event, _: Scene) -> bool:
    return '"add"' in str(event.parameters).replace("'", '"') or "valuesToAdd" in event.parameters


def user_data(event: Event, _: Scene) -> bool:
    return "userData" in event.parameters


def user_data_read(event: Event, _: Scene) -> bool:
    return event.parameters.get("attribute") == "userData"


def open_to_all(event: Event, _: Scene) -> bool:
    return "0.0.0.0/0" in str(event.parameters) or "::/0" in str(event.parameters)
