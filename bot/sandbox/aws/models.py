"""botocore's models of AWS's services: read once, shared by everybody in the process who needs them."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.exceptions
import botocore.loaders
import botocore.session


@cache
def loader() -> Any:
    """Keeps what it has read: sessions that share it do not parse the same megabytes again."""
    return botocore.loaders.create_loader()


def new_session() -> Any:
    """A botocore session over the shared models."""
    session = botocore.session.Session()
    session.register_component("data_loader", loader())
    return session


@cache
def service_model(service: str) -> Any:
    """The model of a service, None when botocore has none."""
    try:
        return new_session().get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return None
