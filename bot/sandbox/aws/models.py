"""botocore's models of AWS's services: read once, shared by everybody in the process who needs them."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.exceptions
import botocore.loaders
import botocore.session


@cache
def _clients_loader() -> Any:
    return botocore.loaders.create_loader()


def new_session() -> Any:
    """A session for clients; those that share models do not parse the same megabytes again."""
    session = botocore.session.Session()
    session.register_component("data_loader", _clients_loader())
    return session


@cache
def service_model(service: str) -> Any:
    """The model of a service, None when botocore has none.

    Not from the clients' loader: making an S3 client takes the bucket out of every address of the model
    that it shares.
    """
    try:
        return botocore.session.Session().get_service_model(service)
    except botocore.exceptions.UnknownServiceError:
        return None
