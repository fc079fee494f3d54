"""Config takes rules only where there is a recorder; moto takes them everywhere.

Source: AWS Config API Reference, PutConfigRule (NoAvailableConfigurationRecorderException).
"""

from __future__ import annotations

from moto.config.models import config_backends

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError


class ConfigRules:
    """What Config demands before it takes a rule."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def guard(self, call: Call) -> None:
        """Refuse rules without a recorder.

        Raises:
            AwsError: NoAvailableConfigurationRecorderException.
        """
        if (call.service, call.operation) != ("config", "PutConfigRule"):
            return
        if not config_backends[self._backend.account_id][call.region].recorders:
            message = "Configuration recorder is not available to put config rule."
            raise AwsError("NoAvailableConfigurationRecorderException", message)
