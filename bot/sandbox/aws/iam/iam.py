"""What IAM refuses, and what it answers, where moto does neither."""

from __future__ import annotations

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.iam import limits
from bot.sandbox.aws.iam.boundaries import Boundaries
from bot.sandbox.aws.iam.credentials import ServiceCredentials
from bot.sandbox.aws.iam.deletions import Deletions
from bot.sandbox.aws.iam.passwords import Passwords
from bot.sandbox.aws.iam.trust import Trust


class Iam:
    """Stands before moto's IAM."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        credentials, self._boundaries = ServiceCredentials(backend), Boundaries(backend)
        self._deletions, self._trust = Deletions(backend, credentials), Trust(backend)
        self._passwords = Passwords()
        self._answers = {**credentials.answers, **self._boundaries.answers}

    def guard(self, call: Call) -> None:
        """Raises AwsError: LimitExceeded, DeleteConflict, MalformedPolicyDocument, NoSuchEntity,
        EntityTemporarilyUnmodifiable.
        """
        if call.service != "iam":
            return
        limits.guard(call, self._backend)
        self._deletions.guard(call)
        self._trust.guard(call)
        self._passwords.guard(call)
        if call.operation == "DeleteSAMLProvider":
            self._known_provider(call)

    def answer(self, call: Call) -> Response | None:
        own = self._answers.get(call.operation) if call.service == "iam" else None
        return own(call) if own else None

    def after(self, call: Call, response: Response) -> None:
        """What follows from a successful call."""
        if call.service == "iam":
            self._trust.after()
            self._passwords.after(call)
            self._boundaries.show(call, response)

    def _known_provider(self, call: Call) -> None:
        arn = str(call.text("SAMLProviderArn"))
        if all(one.arn != arn for one in self._backend.iam.list_saml_providers()):
            raise AwsError("NoSuchEntity", f"Manifest not found for arn {arn}", 404)
