"""Writes down what happened: for CloudTrail, and for those who watch the sandbox."""

from __future__ import annotations

from datetime import datetime
from random import Random

from bot.policy.actions import event_name
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.events import Event, Record, assumed_by_service, compose, service_record
from bot.sandbox.aws.history import History
from bot.sandbox.aws.identities import Caller, Session
from bot.sandbox.aws.ids import s3_request_id, some_uuid
from bot.sandbox.aws.observed import Observations, ObservedCall
from bot.sandbox.aws.permissions import Permissions
from bot.sandbox.aws.trails import SERVICE, Trails

#: Parameters that say, in a word, what a call of another service than S3 is about.
TARGETS = ("RoleArn", "UserName", "RoleName", "PolicyArn", "TrailName", "Name")


class Recorder:
    """Every recorded call goes to the event history and to the trails that select it."""

    def __init__(
        self, backend: Backend, permissions: Permissions, seed: int, lookups_per_second: float
    ) -> None:
        self._backend = backend
        self._chance = Random(f"{seed} events")
        # Deliveries happen when they happen: their ids must not disturb those of the story.
        self._delivery_chance = Random(f"{seed} deliveries")
        self.history = History(lookups_per_second)
        self.trails = Trails(backend, permissions, self._delivery_chance, self._cloudtrail_looks)
        self.observations = Observations()

    def record(self, call: Call, caller: Caller, response: Response) -> None:
        """Make the CloudTrail event of a call, unless it belongs to the building of the stage."""
        if not call.stage.recorded:
            return
        event_id = some_uuid(self._chance)
        record = compose(call, caller, response, account_id=self._backend.account_id, event_id=event_id)
        self.trails.take(self._keep(call.stage.at, record))

    def observe(self, call: Call, principal: str, response: Response) -> None:
        """Show the call to those who watch."""
        resource = "/".join(part for part in (call.bucket, call.key) if part)
        self.observations.add(
            ObservedCall(
                seq=self.observations.next_number(),
                time=call.stage.at,
                actor=call.stage.actor,
                role=call.stage.role,
                principal=principal or "anonymous",
                event_name=event_name(call.service, call.operation),
                resource=resource or next((str(call.text(n)) for n in TARGETS if call.text(n)), ""),
                allowed=response.ok,
                error_code=response.error,
                source_ip=call.stage.source_ip,
            )
        )

    def service_assumed(self, service: str, session: Session, at: datetime) -> None:
        """A service opened a session for a resource of the account."""
        ids = (some_uuid(self._chance), some_uuid(self._chance))
        account, region = self._backend.account_id, self._backend.region
        record = assumed_by_service(service, session, at, account_id=account, region=region, ids=ids)
        self.trails.take(self._keep(at, record))

    def _keep(self, at: datetime, record: Record) -> Event:
        event = Event(at.replace(microsecond=0), len(self.history), record)
        self.history.add(event)
        return event

    def _cloudtrail_looks(self, bucket: str, at: datetime) -> Event:
        """Before it delivers, CloudTrail reads the ACL of the bucket: the commonest S3 event of all."""
        account, region = self._backend.account_id, self._backend.region
        ids = (s3_request_id(self._delivery_chance), some_uuid(self._delivery_chance))
        record = service_record(
            SERVICE, "GetBucketAcl", bucket, at, account_id=account, region=region, ids=ids
        )
        return self._keep(at, record)
