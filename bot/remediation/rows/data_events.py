"""R36: let a trail record the requests for one bucket's objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.remediation import trails
from bot.remediation.arns import bucket_arn
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Permission, Plan, State, Target, state_hash
from bot.remediation.words import trails as words

#: CloudTrail API Reference, PutEventSelectors: values of all conditions of a trail's advanced selectors.
MOST_VALUES = 500


class DataEvents(Automated):
    """R36: one more advanced event selector, for the bucket's object-level events; all others stay.

    Basic selectors are written again as advanced ones: a trail cannot have both. Source: CloudTrail User
    Guide, "Logging data events".
    """

    row = "R36"
    name = "data-events"
    title = "Record a bucket's data events in a trail"
    family = "protection"
    order = 300
    wants = ("bucket", "trail")
    permissions = ("cloudtrail:PutEventSelectors", trails.READS_TRAILS, trails.READS_SELECTORS)
    undo_verb = "Take back the recording of data events in"
    undo_warning = words.NOTHING_RECORDED_ANY_MORE

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `trail`: a name, or the ARN of a trail in any Region."""
        bucket = RemovePublicStatements().target(account_id, region, wanted)
        return trails.trail_target(
            account_id, region, wanted.get("trail", ""), bucket=bucket.params["bucket"]
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """The trail's selectors; `OwnLogs`: it writes its own files into that bucket."""
        trail = trails.describe(read, target)
        if trail is None:
            raise TargetMissing(words.no_such_trail(target.label, target.params["region"]))
        return {
            "Bucket": target.params["bucket"],
            "TrailArn": trail["TrailARN"],
            "HomeRegion": trail["HomeRegion"],
            "OwnLogs": trail["S3BucketName"] == target.params["bucket"],
            **trails.selectors_of(read, trail),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = trails.found_as(target, state)
        bucket, after = target.params["bucket"], {**state, **_after(target, state)}
        number = trails.number_of_values(after["AdvancedEventSelectors"])
        if number > MOST_VALUES:
            raise Refused(words.too_many_values(target.label, number, MOST_VALUES))
        return Plan(
            remediation=self.row,
            title=f"Record the data events of {bucket} in the trail {target.label}",
            verb="Record data events in",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(trails.put_selectors(after),),
            undo=(trails.put_selectors(state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=(
                Permission(action=trails.READS_TRAILS, resource="*"),
                Permission(action=trails.READS_SELECTORS, resource=target.id),
            ),
            affected=(words.NOBODY_FEELS_RECORDING,),
            warnings=tuple(_warnings(state, context)),
        )


def _after(target: Target, state: State) -> State:
    """The selectors with the bucket's. Raises NothingToDo and Refused."""
    bucket = target.params["bucket"]
    arn = bucket_arn(bucket, target.params["region"])
    if state["OwnLogs"]:
        raise Refused(words.logs_into_itself(bucket, target.label))
    if trails.records_objects_of(state, arn):
        raise NothingToDo(words.already_recorded(bucket, target.label))
    wanted = trails.data_events(arn)
    kept = [one for one in trails.as_advanced(state) if one.get("Name") != wanted["Name"]]
    return {"EventSelectors": [], "AdvancedEventSelectors": [*kept, wanted]}


def _warnings(state: State, context: PlanContext) -> Iterator[str]:
    yield words.record_cost(sum(one.events for one in context.observed), context.hours)
    if state["EventSelectors"]:
        yield words.CONVERTED
    if not trails.records_management(state):
        yield words.NO_MANAGEMENT_EVENTS
    yield words.FIRST_EVENTS_LATE


REMEDIATION = DataEvents()
