"""EC2 instances: the sessions that the service opens for them and gives out through their metadata.

Source: CloudTrail User Guide, "userIdentity element" (ec2RoleDelivery); EC2 User Guide, "IAM roles for EC2":
the session's name is the instance's id, and CloudTrail shows AssumeRole by ec2.amazonaws.com.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.identities import Identities, Session
from bot.sandbox.aws.recorder import Recorder
from bot.sandbox.aws.sts import new_session

SERVICE = "ec2.amazonaws.com"
#: How long such a session lasts; the metadata service fetches the next one before it ends.
LIFE = timedelta(hours=6)


class Instances:
    """What the metadata service of an instance answers."""

    def __init__(self, backend: Backend, identities: Identities, recorder: Recorder, chance: Random) -> None:
        self._backend, self._identities, self._recorder = backend, identities, recorder
        self._chance = chance

    def credentials(self, role_name: str, instance_id: str, at: datetime) -> Session:
        """A new session of the role, as `/latest/meta-data/iam/security-credentials/ROLE` has it."""
        role = self._backend.role_by_arn(f"arn:aws:iam::{self._backend.account_id}:role/{role_name}")
        if role is None:
            raise KeyError(f"The account has no role {role_name}.")
        session = new_session(self._chance, role, instance_id, at, at + LIFE, delivered_by_ec2=True)
        self._identities.sessions[session.access_key_id] = session
        self._recorder.service_assumed(SERVICE, session, at)
        return session
