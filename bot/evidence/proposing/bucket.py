"""Which doors to close and what to repair: the bucket, its ways out, its keys, its logging."""

from bot.evidence.answers import destinations
from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.detections import presigned
from bot.evidence.detections.grants import acl_is_public, blocks_less, let_in_by_policy
from bot.evidence.events import Event, mapping
from bot.evidence.proposing import added, seeing, trails
from bot.evidence.proposing.plan import Plan
from bot.evidence.touching import touches
from bot.evidence.wording import called


def opened(event: Event, case: Case, plan: Plan) -> None:
    """A policy that lets outsiders in, whoever but a service wrote it: mistakes are open doors too."""
    if event.name != "PutBucketPolicy" or not event.succeeded or not touches(event, case.scene.bucket):
        return
    let_in = let_in_by_policy(event, case.scene.owner)
    strangers = _not_there_before(event, set(let_in.accounts) - case.scene.known_accounts, case)
    if not (let_in.public or strangers) or case.assessed[actor_key(event)].label == "service":
        return
    whom = "everybody" if let_in.public else f"account {', '.join(sorted(strangers))}"
    wrote = f"{called(actor_key(event))} wrote a bucket policy that lets in {whom}"
    here = {"bucket": case.scene.bucket}
    plan.add("R18", here, f"{wrote}; remove that statement, keep the rest.", [event.event_id])
    if let_in.public:
        first = (
            "It closes every public way at once; snapshot ACLs and policy first, they are hidden after it."
        )
        plan.add("R19", here, f"{wrote}. {first}", [event.event_id])


def _not_there_before(event: Event, accounts: set[str], case: Case) -> set[str]:
    """Accounts that were not at the bucket before a policy was written: the others had been let in."""
    there = {one.who.account for one in case.about if one.succeeded and one.time < event.time}
    return accounts - there


def passed_on(case: Case, plan: Plan) -> None:
    """Presigned URLs in other hands: they are stopped, and not their signer, who did nothing else."""
    for sign in case.signs:
        if sign.rule == presigned.RULE and sign.actor not in case.suspects:
            why = (
                f"{sign.title}: they leaked, or were passed on. Signed by {called(sign.actor)}, which is not "
                "under suspicion. Whoever has them reads until they expire or old signatures are refused."
            )
            plan.add("R27", {"bucket": case.scene.bucket}, why, sign.event_ids)


def done(event: Event, case: Case, plan: Plan) -> None:
    """What one act of a suspect calls for."""
    if event.service in ("cloudtrail", "kms"):
        _beside(event, case, plan)
    elif touches(event, case.scene.bucket) or added.grants_on(event, case.scene.bucket):
        _here(event, case, plan)
    elif event.name == "PutMultiRegionAccessPointPolicy":
        # Its record names no bucket: whether this one is behind it, the approver must look.
        plan.because_of(event, "R25", added.multi_region_access_point(event), _WHICH_BUCKETS)
    elif event.name in ("DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock") and blocks_less(
        event
    ):
        plan.because_of(event, "R20", {"account": case.scene.owner or ""})


def _beside(event: Event, case: Case, plan: Plan) -> None:
    if event.name in trails.BLINDING:
        trails.tampered(event, case, plan)
    elif how := _KEYS.get(event.name):
        plan.because_of(event, "R32", added.key(event), how)


_WHICH_BUCKETS = "See which buckets are behind it: s3control get-multi-region-access-point."
_KEYS = {
    "CreateGrant": "Revoke the grant.",
    "DeleteImportedKeyMaterial": "Import the key material again.",
    "DisableKey": "Enable the key again.",
    "PutKeyPolicy": "Put the former key policy back.",
    "ScheduleKeyDeletion": "Cancel the deletion before its date, then enable the key.",
}


def _here(event: Event, case: Case, plan: Plan) -> None:
    here = {"bucket": case.scene.bucket}
    for row, why in _rows(event):
        plan.because_of(event, row, {**here, **_more(row, event, case)}, why)
    if event.name in ("CreateAccessPoint", "PutAccessPointPolicy"):
        plan.because_of(event, "R24", {**here, **added.access_point(event)})
    if event.name == "PutBucketLogging" and (known := seeing.log_bucket(case)):
        plan.because_of(event, "R34", {**here, **known.target}, known.why)
    if event.name == "CreateAccessGrant":
        more = (
            "Credentials that it has given out live up to 12 hours: revoke the location role's sessions too."
        )
        plan.because_of(event, "R26", added.access_grant(event), more)


def _more(row: str, event: Event, case: Case) -> dict[str, str]:
    """What a row's target names beside the bucket."""
    if row == "R14":
        return _denied(event)
    if row == "R30":
        return added.attached(event, case)
    return added.rules(event, case) if row in ("R28", "R29") else {}


def _rows(event: Event) -> list[tuple[str, str]]:
    name, found = event.name, list[tuple[str, str]]()
    if name in ("DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock") and blocks_less(event):
        found.append(("R19", ""))
    if name == "PutBucketAcl" and acl_is_public(event):
        found += [("R19", "An ACL lets in everybody."), ("R21", "An ACL lets in everybody.")]
    if name == "PutObjectAcl" and acl_is_public(event):
        found += [("R19", "ACLs of objects let in everybody."), ("R22", "")]
    if name == "PutBucketVersioning" and _suspends(event):
        found.append(("R33", "Once on, versioning is never off again, only suspended."))
    if row := _PLAIN.get(name):
        found.append(row)
    if name == "PutBucketLogging" and "LoggingEnabled" in mapping(
        event.parameters.get("BucketLoggingStatus")
    ):
        found.append(("R30", f"Logs go{destinations.named(event)}."))
    if event.extra.get("AuthenticationMethod") == "QueryString":
        found.append(("R27", "Its presigned URLs work for whoever has them until the signer is stopped."))
    if _encrypts(event):
        found += [
            ("R14", _DESTROYS),
            ("R35", "New objects must not be written under a key of the attacker's."),
        ]
    return found


def _denied(event: Event) -> dict[str, str]:
    """Whom to deny: the user, or the role with all its sessions; nobody where the log shows no ARN."""
    principal = (event.who.issuer if event.who.type == "AssumedRole" else None) or event.who.principal
    return {"principal": principal} if principal.startswith("arn:") else {}


_DESTROYS = "It destroys or locks up what others need: deny it the bucket, whatever its own policies say."
_PLAIN = {
    "PutBucketCors": ("R30", ""),
    "PutBucketInventoryConfiguration": ("R30", ""),
    "PutBucketLifecycle": ("R29", "Lifecycle rules run about once a day: what has not expired yet is saved."),
    "PutBucketNotification": ("R30", ""),
    "PutBucketReplication": ("R28", "Keep the rules that were there before; what was copied is gone."),
    "PutBucketRequestPayment": ("R30", ""),
    "PutBucketWebsite": ("R30", ""),
}


def _suspends(event: Event) -> bool:
    wanted = mapping(event.parameters.get("VersioningConfiguration"))
    return wanted.get("Status") == "Suspended"


def _encrypts(event: Event) -> bool:
    if event.name in ("UpdateObjectEncryption", "DeleteObjects", "DeleteObject", "PutBucketLifecycle"):
        return event.name == "UpdateObjectEncryption"
    return "x-amz-server-side-encryption-customer-algorithm" in event.parameters
